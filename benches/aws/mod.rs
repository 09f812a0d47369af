//! A simulated AWS on loopback: it serves recorded tapes for any number of accounts and regions, as slowly and as badly as
//! it is told to.
//!
//! Account, region and service of a request are those of its signature (`Credential=KEY/date/region/service/aws4_request`;
//! the access key carries the account), so that nothing has to be set up for each account. What is asked is found on the
//! tape as a replay finds it, by its canonical form. Nothing is verified: not the signature, not who assumes which role.

mod answers;
mod http;
mod protocol;
mod trouble;

pub use answers::{Answers, Asked};
pub use trouble::Trouble;

use http::Request;
pub use http::Response;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};

/// The access key by which requests belong to an account.
pub fn access_key(account: &str) -> String {
    format!("ASIASIM0{account}")
}

/// How the simulated AWS behaves.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// From the last byte of a request to the first of its answer.
    pub latency: Duration,
    pub trouble: Trouble,
    /// The account whose requests are kept one by one.
    pub watched: String,
}

/// One request of the watched account.
#[derive(Clone, Debug)]
pub struct Seen {
    pub asked: Asked,
    pub from: Duration,
    pub to: Duration,
    pub status: u16,
}

/// What was asked so far.
#[derive(Debug, Default)]
pub struct Stats {
    calls: AtomicUsize,
    throttled: AtomicUsize,
    faulty: AtomicUsize,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
    seen: Mutex<Vec<Seen>>,
    unanswered: Mutex<BTreeSet<String>>,
}

impl Stats {
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
    /// Answers that asked to slow down, random ones included.
    pub fn throttled(&self) -> usize {
        self.throttled.load(Ordering::Relaxed)
    }
    /// Connections that were cut and answers with status 500.
    pub fn faulty(&self) -> usize {
        self.faulty.load(Ordering::Relaxed)
    }
    pub fn peak_in_flight(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.seen).clone()
    }
    /// Questions that no tape answers.
    pub fn unanswered(&self) -> BTreeSet<String> {
        lock(&self.unanswered).clone()
    }
}

/// A running simulation; it ends when this goes.
#[derive(Debug)]
pub struct Simulated {
    pub endpoint: String,
    pub stats: Arc<Stats>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    answers: Arc<Answers>,
    behaviour: Behaviour,
    troubles: trouble::Troubles,
    stats: Arc<Stats>,
    start: Instant,
}

/// What comes back, or not.
enum Outcome {
    Answer(Response),
    /// The connection ends, before a byte or in the middle of an answer.
    Cut(Option<Response>),
}

impl Simulated {
    /// Listens on a free port.
    pub async fn start(answers: Arc<Answers>, behaviour: Behaviour) -> std::io::Result<Simulated> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let stats = Arc::new(Stats::default());
        let troubles = trouble::Troubles::new(behaviour.trouble.clone());
        let shared = Shared { answers, behaviour, troubles, stats: stats.clone(), start: Instant::now() };
        let task = tokio::spawn(accept(listener, Arc::new(shared)));
        Ok(Simulated { endpoint, stats, task })
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                // A connection that fails is the client's affair; it asks again.
                let shared = shared.clone();
                connections.spawn(async move { drop(serve(stream, &shared).await) });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(request) = http::read(&mut stream, &mut buffer).await? {
        let head = request.method == "HEAD";
        match shared.respond(&request).await {
            Outcome::Answer(response) if head => {
                http::write(&mut stream, &Response { body: String::new(), ..response }).await?
            }
            Outcome::Answer(response) => http::write(&mut stream, &response).await?,
            // An answer to HEAD has no middle.
            Outcome::Cut(_) if head => return Ok(()),
            Outcome::Cut(None) => return Ok(()),
            Outcome::Cut(Some(response)) => return http::write_half(&mut stream, &response).await,
        }
    }
    Ok(())
}

impl Shared {
    async fn respond(&self, request: &Request) -> Outcome {
        let now = self.stats.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.stats.peak.fetch_max(now, Ordering::Relaxed);
        self.stats.calls.fetch_add(1, Ordering::Relaxed);
        let from = self.start.elapsed();
        let asked = Asked::of(request);
        let outcome = self.outcome(&asked);
        tokio::time::sleep(self.behaviour.latency).await;
        self.stats.in_flight.fetch_sub(1, Ordering::Relaxed);
        if asked.account == self.behaviour.watched {
            let status = match &outcome {
                Outcome::Answer(response) => response.status,
                Outcome::Cut(_) => 0,
            };
            lock(&self.stats.seen).push(Seen { asked, from, to: self.start.elapsed(), status });
        }
        outcome
    }

    fn outcome(&self, asked: &Asked) -> Outcome {
        use trouble::Kind;
        let answer = || {
            self.answers.answer(asked).unwrap_or_else(|| {
                lock(&self.stats.unanswered).insert(asked.to_string());
                protocol::error(asked, protocol::Error::NotSimulated)
            })
        };
        let trouble = self.troubles.next(asked, self.start.elapsed());
        let counter = match trouble {
            None => return Outcome::Answer(answer()),
            Some(Kind::Throttle) => &self.stats.throttled,
            Some(_) => &self.stats.faulty,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        match trouble {
            Some(Kind::Throttle) => Outcome::Answer(protocol::error(asked, protocol::Error::Throttled)),
            Some(Kind::Internal) => Outcome::Answer(protocol::error(asked, protocol::Error::Internal)),
            Some(Kind::CutBefore) => Outcome::Cut(None),
            Some(Kind::CutWithin) | None => Outcome::Cut(Some(answer())),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
