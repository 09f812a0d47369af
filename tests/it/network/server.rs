//! A server on 127.0.0.1 that is AWS, or the proxy on the way to it, and remembers what it was asked.

use crate::support::repo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

const CALLER: &str = r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/auditor</Arn><UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"#;
const ROLE: &str = r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:x</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/audit/x</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"#;
const SSO: &str = r#"{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"secret","sessionToken":"token","expiration":4102444800000}}"#;
const AGENT: &str =
    r#"{"AccessKeyId":"ASIAAGENT","SecretAccessKey":"secret","Token":"token","Expiration":"2100-01-01T00:00:00Z"}"#;

/// How it is spoken to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    Http,
    Tls,
    /// As a proxy that lets nobody through.
    Refusal,
}

pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start(speaks: Speaks) -> Server {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, tls) = (seen.clone(), Arc::new(tls()));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, tls) = (log.clone(), tls.clone());
                // Whoever hangs up is nobody's concern.
                std::thread::spawn(move || drop(serve(stream, speaks, &tls, &log)));
            }
        });
        Server { port, seen }
    }

    /// The first line of each request and its headers, in the order of arrival.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub fn saw(&self, what: &str) -> bool {
        self.seen().iter().any(|head| head.contains(what))
    }
}

fn tls() -> ServerConfig {
    let read = |name: &str| std::fs::read(repo("tests/it/network").join(name)).unwrap();
    let chain = CertificateDer::pem_slice_iter(&read("server.pem")).collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(&read("server.key")).unwrap();
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

fn serve(
    mut stream: TcpStream,
    speaks: Speaks,
    tls: &Arc<ServerConfig>,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    if speaks == Speaks::Tls {
        return encrypted(stream, tls, log);
    }
    let (head, body) = request(&mut stream)?;
    log.lock().unwrap().push(head.clone());
    if speaks == Speaks::Refusal {
        return stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    }
    if head.starts_with("CONNECT ") {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        return encrypted(stream, tls, log);
    }
    answer(&mut stream, &head, &body)
}

fn encrypted(stream: TcpStream, tls: &Arc<ServerConfig>, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let connection = ServerConnection::new(tls.clone()).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let (head, body) = request(&mut stream)?;
    log.lock().unwrap().push(head.clone());
    answer(&mut stream, &head, &body)?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn request(stream: &mut impl Read) -> std::io::Result<(String, String)> {
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Ok((head.to_owned(), body.to_owned()));
            }
        }
        match stream.read(&mut part)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => all.extend(&part[..count]),
        }
    }
}

fn answer(stream: &mut impl Write, head: &str, body: &str) -> std::io::Result<()> {
    let (status, text) = if body.contains("Action=GetCallerIdentity") {
        ("200 OK", CALLER)
    } else if body.contains("Action=AssumeRole") {
        ("200 OK", ROLE)
    } else if head.contains("/federation/credentials") {
        ("200 OK", SSO)
    } else if head.contains("/agent") {
        ("200 OK", AGENT)
    } else if head.starts_with("PUT ") {
        ("200 OK", "")
    } else {
        ("400 Bad Request", r#"{"__type":"AccessDeniedException","message":"no"}"#)
    };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", text.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(text.as_bytes())
}
