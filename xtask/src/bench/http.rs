//! The least HTTP/1.1 that a load generator needs: one connection, kept open, one request at a time, answers read whole.
//! What a client of the real world does beyond that (TLS, redirects, compression) would be measured with the server.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// Chosen: beyond any answer, training included, short enough to end a run that hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    /// Names in lower case.
    headers: Vec<(String, String)>,
}

impl Answer {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// One connection to a local server.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    pub fn new(port: u16) -> Self {
        Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), connection: None }
    }

    /// Sends a GET with headers written out, each with its line end, and reads the answer.
    pub fn get(&mut self, path: &str, headers: &str) -> io::Result<Answer> {
        self.exchange(format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.address).as_bytes())
    }

    /// Sends a POST of JSON and reads the answer.
    pub fn post(&mut self, path: &str, headers: &str, body: &str) -> io::Result<Answer> {
        self.exchange(self.written(path, headers, body).as_bytes())
    }

    /// Sends a POST of JSON and hangs up without reading anything.
    pub fn post_and_leave(&mut self, path: &str, headers: &str, body: &str) -> io::Result<()> {
        let request = self.written(path, headers, body);
        let mut connection = self.take()?;
        connection.get_mut().write_all(request.as_bytes())
    }

    fn written(&self, path: &str, headers: &str, body: &str) -> String {
        let (address, length) = (self.address, body.len());
        format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        )
    }

    /// One request in one write, so that Nagle's algorithm has nothing to wait for.
    fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        let mut connection = self.take()?;
        connection.get_mut().write_all(request)?;
        let (answer, stays_open) = read(&mut connection)?;
        if stays_open {
            self.connection = Some(connection);
        }
        Ok(answer)
    }

    fn take(&mut self) -> io::Result<BufReader<TcpStream>> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(BufReader::new(stream))
    }
}

/// Reads one answer; tells whether the connection may be used again.
fn read(connection: &mut impl BufRead) -> io::Result<(Answer, bool)> {
    let first = line(connection)?;
    let status = first.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(|| odd("no status"))?;
    let (mut length, mut is_chunked, mut stays_open, mut headers) = (None, false, true, Vec::new());
    loop {
        let header = line(connection)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').ok_or_else(|| odd("a header without a colon"))?;
        let (name, value) = (name.to_ascii_lowercase(), value.trim());
        match name.as_str() {
            "content-length" => length = Some(value.parse().map_err(|_| odd("a length that is no number"))?),
            "transfer-encoding" => is_chunked = value.eq_ignore_ascii_case("chunked"),
            "connection" => stays_open = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
        headers.push((name, value.to_owned()));
    }
    let body = match length {
        _ if is_chunked => chunks(connection)?,
        Some(length) => exactly(connection, length)?,
        None if status == 204 || status == 304 => Vec::new(),
        None => {
            stays_open = false;
            let mut rest = Vec::new();
            connection.read_to_end(&mut rest)?;
            rest
        }
    };
    Ok((Answer { status, body, headers }, stays_open))
}

fn chunks(connection: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(connection)?;
        let size =
            usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16).map_err(|_| odd("a chunk without a size"))?;
        body.extend(exactly(connection, size)?);
        line(connection)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

/// A line without its end. An end of the stream is an error: an answer is over when it says so.
pub fn line(connection: &mut impl BufRead) -> io::Result<String> {
    let mut text = String::new();
    if connection.read_line(&mut text)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(text.trim_end().to_owned())
}

/// This many bytes.
pub fn exactly(connection: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    connection.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not HTTP/1.1: {what}"))
}

#[cfg(test)]
mod tests {
    use super::read;

    fn check(raw: &str, status: u16, body: &str, stays_open: bool, rest: &str) {
        let mut connection = raw.as_bytes();
        let (answer, open) = read(&mut connection).unwrap();
        assert_eq!((answer.status, answer.body.as_slice(), open), (status, body.as_bytes(), stays_open), "{raw}");
        assert_eq!(connection, rest.as_bytes(), "{raw}");
    }

    #[test]
    fn reads_one_answer_and_leaves_the_next() {
        check("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nokHTTP", 201, "ok", true, "HTTP");
        check("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n1;x\r\n!\r\n0\r\n\r\nHTTP", 200, "ok!", true, "HTTP");
        check("HTTP/1.1 503 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", 503, "", false, "");
        check("HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end", false, "");
        check("HTTP/1.1 204 No Content\r\n\r\nHTTP", 204, "", true, "HTTP");
        let (answer, _) = read(&mut "HTTP/1.1 204 No Content\r\nX-Next:  a\r\n\r\n".as_bytes()).unwrap();
        assert_eq!((answer.header("x-next"), answer.header("x-last")), (Some("a"), None));
        assert!(read(&mut "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhal".as_bytes()).is_err());
        assert!(read(&mut "".as_bytes()).is_err());
    }
}
