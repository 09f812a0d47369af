//! As much HTTP/1.1 as the SDK's client speaks: requests with a length, connections that are kept.

use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer heads and bodies are not those of an SDK that only reads.
const MOST: usize = 1 << 20;

#[derive(Debug, Default)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// The next request of a connection, or `None` when the client closed it; what was read beyond it stays in `buffer`.
pub async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Option<Request>> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if !more(stream, buffer).await? {
            return if buffer.is_empty() { Ok(None) } else { Err(ErrorKind::UnexpectedEof.into()) };
        }
    };
    let mut request = head(&String::from_utf8_lossy(&buffer[..end]))?;
    let length = match request.header("content-length") {
        Some(length) => length.parse().map_err(|_| Error::from(ErrorKind::InvalidData))?,
        None => 0,
    };
    let body = end + 4;
    while buffer.len() < body + length {
        if !more(stream, buffer).await? {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    request.body = String::from_utf8_lossy(&buffer[body..body + length]).into_owned();
    buffer.drain(..body + length);
    Ok(Some(request))
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<bool> {
    if buffer.len() > MOST {
        return Err(ErrorKind::InvalidData.into());
    }
    Ok(stream.read_buf(buffer).await? > 0)
}

fn head(text: &str) -> Result<Request> {
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target)) = (first.next(), first.next()) else { return Err(ErrorKind::InvalidData.into()) };
    let header =
        |line: &str| Some((line.split_once(':')?.0.to_ascii_lowercase(), line.split_once(':')?.1.trim().to_owned()));
    let headers = lines.filter_map(header).collect();
    Ok(Request { method: method.to_owned(), target: target.to_owned(), headers, body: String::new() })
}

pub async fn write(stream: &mut TcpStream, response: &Response) -> Result<()> {
    stream.write_all(&bytes(response)).await
}

/// The head and half of the body; the connection is to be closed then.
pub async fn write_half(stream: &mut TcpStream, response: &Response) -> Result<()> {
    let bytes = bytes(response);
    stream.write_all(&bytes[..bytes.len() - response.body.len().div_ceil(2)]).await
}

fn bytes(response: &Response) -> Vec<u8> {
    use std::fmt::Write as _;
    let mut head = format!("HTTP/1.1 {} .\r\ncontent-length: {}\r\n", response.status, response.body.len());
    for (name, value) in &response.headers {
        // Writing to a string does not fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(response.body.as_bytes());
    bytes
}
