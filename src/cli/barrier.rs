//! A panic is a bug, of ours or of a library: it is told in a sentence like every other, and ends with the exit code of what could not
//! be done.

use crate::run::{Bug, Failure};
use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

/// From now on a panic says nothing by itself; the log has it. With the backtrace that somebody asked for comes Rust's own message.
pub fn quiet() {
    if std::env::var_os("RUST_BACKTRACE").is_none_or(|asked| asked == "0") {
        panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    }
}

/// Runs `all`; a panic in it is a failure.
pub fn within<T>(all: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let all = panic::catch_unwind(AssertUnwindSafe(all));
    all.unwrap_or_else(|panic| Err(Bug::new("a panic", words(&*panic)).into()))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_as_a_bug() {
        let failed = within::<()>(|| panic!("{} is odd", 3)).unwrap_err();
        assert_eq!(failed.to_string(), "this is a bug in posture, please report it: a panic: 3 is odd");
        assert_eq!(within(|| Ok(1)).unwrap(), 1);
    }
}
