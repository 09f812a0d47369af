//! The `posture` command; everything is in the library.

fn main() -> std::process::ExitCode {
    aws_posture::cli::main()
}
