//! Server: a socket of this machine, and the answers it gives.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::site::Site;

/// The longest request that is read.
const REQUEST_BYTES_MAX: u64 = 16 * 1024;

/// How long a browser may take to ask, and to take what it asked for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Requests answered at once; browsers open six, some of them in advance. One
/// more is answered before the next is heard.
const THREADS_MAX: usize = 32;

/// Why a page cannot be served.
#[derive(Debug)]
pub enum ServeError {
    /// The folder holds no page.
    NoPage(Site),
    /// The port cannot be had.
    Port {
        /// The one that was asked for.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
}

impl fmt::Display for ServeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServeError::NoPage(Site::Folder(folder)) => {
                write!(out, "there is no page in {}: index.html is missing", folder.display())
            }
            ServeError::NoPage(Site::Embedded(_)) => out.write_str("this program holds no whole page"),
            ServeError::Port { port, source } => {
                write!(out, "cannot listen on port {port} of this machine: {source}")
            }
        }
    }
}

impl std::error::Error for ServeError {}

/// A page, ready to be served.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    site: Site,
    policy: String,
    port: u16,
    answered: AtomicU64,
    busy: AtomicUsize,
}

impl Server {
    /// Takes a port of the loopback interface; 0 takes any.
    ///
    /// # Errors
    ///
    /// [`ServeError`] says what is missing.
    pub fn bind(site: Site, port: u16) -> Result<Arc<Server>, ServeError> {
        let Some((_, index)) = site.file("/") else { return Err(ServeError::NoPage(site)) };
        let failed = |source| ServeError::Port { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let index = String::from_utf8_lossy(&index).into_owned();
        let policy = format!("{}; frame-ancestors 'none'", policy(&index).unwrap_or("default-src 'none'"));
        let (answered, busy) = Default::default();
        Ok(Arc::new(Server { listener, site, policy, port, answered, busy }))
    }

    /// What to type into a browser.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// How many requests were answered.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Serves until the program ends.
    pub fn run(self: &Arc<Server>) {
        for stream in self.listener.incoming().flatten() {
            if self.busy.fetch_add(1, Ordering::Relaxed) < THREADS_MAX {
                let server = Arc::clone(self);
                thread::spawn(move || server.serve(stream));
            } else {
                self.serve(stream);
            }
        }
    }

    /// Serves until the program ends, while the caller does something else.
    pub fn start(self: &Arc<Server>) {
        let server = Arc::clone(self);
        thread::spawn(move || server.run());
    }

    fn serve(&self, stream: TcpStream) {
        // A browser that went away is no trouble of ours.
        let _ = self.answer(stream);
        self.busy.fetch_sub(1, Ordering::Relaxed);
    }

    fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut lines = BufReader::new(stream.try_clone()?.take(REQUEST_BYTES_MAX)).lines();
        let request = lines.next().transpose()?.unwrap_or_default();
        let mut host = None;
        let mut is_whole = false;
        for line in lines {
            let line = line?;
            if line.is_empty() {
                is_whole = true;
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("host")
            {
                host = Some(value.trim().to_owned());
            }
        }
        if !is_whole {
            return self.refuse(&mut stream, "431 Request Header Fields Too Large", "too long, or cut off\n");
        }
        let mut words = request.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let is_get = method == "GET";
        if !is_get && method != "HEAD" {
            return self.refuse(&mut stream, "405 Method Not Allowed", "only GET\n");
        }
        if !host.is_some_and(|host| is_this_machine(&host)) {
            return self.refuse(&mut stream, "403 Forbidden", "only 127.0.0.1 and localhost\n");
        }
        let Some((path, body)) = self.site.file(target) else {
            return self.refuse(&mut stream, "404 Not Found", "there is no such file\n");
        };
        self.send(&mut stream, "200 OK", mime(&path), keeping(&path), &body, is_get)
    }

    fn refuse(&self, stream: &mut TcpStream, status: &str, words: &str) -> io::Result<()> {
        self.send(stream, status, "text/plain; charset=utf-8", "no-store", words.as_bytes(), true)
    }

    fn send(
        &self,
        stream: &mut TcpStream,
        status: &str,
        mime: &str,
        keeping: &str,
        body: &[u8],
        with_body: bool,
    ) -> io::Result<()> {
        self.answered.fetch_add(1, Ordering::Relaxed);
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: {mime}\r\nContent-Length: {}\r\nContent-Security-Policy: {}\r\n\
             X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\
             Cross-Origin-Resource-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\n\
             Cache-Control: {keeping}\r\nConnection: close\r\n\r\n",
            body.len(),
            self.policy
        )?;
        if with_body {
            stream.write_all(body)?;
        }
        stream.flush()
    }
}

/// The policy that a page gives itself.
fn policy(index: &str) -> Option<&str> {
    let rest = index.split("Content-Security-Policy\" content=\"").nth(1)?;
    rest.split('"').next()
}

/// Whether a request meant this machine and no name that was led here.
fn is_this_machine(host: &str) -> bool {
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost")
}

/// How long a browser may keep a file: what lies in a folder named by its
/// content never changes.
fn keeping(path: &Path) -> &'static str {
    if path.starts_with("index.html") || path.components().count() < 2 {
        "no-cache"
    } else {
        "public, max-age=31536000, immutable"
    }
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|name| name.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::File;

    static PAGE: [File; 2] = [
        File {
            path: "index.html",
            bytes: b"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'\">",
        },
        File { path: "assets-1/a.wasm", bytes: b"\0asm" },
    ];

    fn ask(server: &Server, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[test]
    fn the_page_comes_with_its_policy_and_only_to_this_machine() {
        let server = Server::bind(Site::Embedded(&PAGE), 0).unwrap();
        server.start();
        let page = ask(&server, "GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n");
        assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
        for header in [
            "Content-Security-Policy: default-src 'self'; frame-ancestors 'none'\r\n",
            "X-Content-Type-Options: nosniff\r\n",
            "Cache-Control: no-cache\r\n",
            "Content-Type: text/html",
        ] {
            assert!(page.contains(header), "{header}: {page}");
        }
        let part = ask(&server, "GET /assets-1/a.wasm HTTP/1.1\r\nhost: localhost\r\n\r\n");
        assert!(part.contains("application/wasm") && part.contains("immutable"), "{part}");
        let head = ask(&server, "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(head.ends_with("\r\n\r\n"), "{head}");
        for (request, status) in [
            ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "403"),
            ("GET / HTTP/1.1\r\n\r\n", "403"),
            ("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"),
            ("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", "405"),
            ("\r\n\r\n", "405"),
        ] {
            let answer = ask(&server, request);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
        }
    }

    #[test]
    fn a_request_without_end_is_cut() {
        let server = Server::bind(Site::Embedded(&PAGE), 0).unwrap();
        server.start();
        let begun = "GET / HTTP/1.1\r\nHost: localhost\r\nX: ";
        let longest = usize::try_from(REQUEST_BYTES_MAX).unwrap();
        let endless = format!("{begun}{}", "y".repeat(longest - begun.len()));
        assert!(ask(&server, &endless).starts_with("HTTP/1.1 431 "));
    }

    #[test]
    fn the_policy_is_the_page_s_own() {
        let page = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">";
        assert_eq!(policy(page), Some("default-src 'none'"));
        assert_eq!(policy("<p>"), None);
    }

    #[test]
    fn a_page_without_an_index_is_refused() {
        let nowhere = Site::Folder(std::env::temp_dir().join("vhault-no-page"));
        assert!(matches!(Server::bind(nowhere, 0), Err(ServeError::NoPage(_))));
    }
}
