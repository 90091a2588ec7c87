//! A server of one folder, on this machine alone.
//!
//! It sends the page's own policy as a header too, and nothing that lies
//! outside the folder.

use std::fs;
use std::io::{BufRead, BufReader, Read as _, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::Duration;

use vhault_benches::program::{Outcome, While};

/// The longest request that is read.
const REQUEST_BYTES_MAX: u64 = 16 * 1024;

/// How long a browser may take to ask.
const PATIENCE: Duration = Duration::from_secs(10);

/// A folder, ready to be served.
pub(crate) struct Server {
    listener: TcpListener,
    folder: PathBuf,
    policy: String,
}

impl Server {
    /// Takes a port; 0 takes any.
    ///
    /// # Errors
    ///
    /// Where the port is taken or the folder holds no page.
    pub(crate) fn bind(folder: &Path, port: u16) -> Outcome<Server> {
        let index = fs::read_to_string(folder.join("index.html"))
            .while_doing(|| format!("cannot read the page in {}", folder.display()))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .while_doing(|| format!("cannot listen on port {port} of this machine"))?;
        let policy = format!("{}; frame-ancestors 'none'", policy(&index).unwrap_or("default-src 'none'"));
        Ok(Server { listener, folder: folder.to_owned(), policy })
    }

    /// The port it has.
    pub(crate) fn port(&self) -> u16 {
        self.listener.local_addr().map_or(0, |address| address.port())
    }

    /// Serves until the program ends.
    pub(crate) fn run(&self) {
        thread::scope(|scope| {
            for stream in self.listener.incoming().flatten() {
                // A browser that goes away is no trouble of ours.
                scope.spawn(move || self.answer(stream).ok());
            }
        });
    }

    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut lines = BufReader::new(stream.try_clone()?.take(REQUEST_BYTES_MAX)).lines();
        let request = lines.next().transpose()?.unwrap_or_default();
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let mut words = request.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if method != "GET" && method != "HEAD" {
            return self.send(&mut stream, "405 Method Not Allowed", "text/plain", b"only GET\n", true);
        }
        let body =
            inside(target).and_then(|path| fs::read(self.folder.join(&path)).ok().map(|body| (path, body)));
        match body {
            Some((path, body)) => self.send(&mut stream, "200 OK", mime(&path), &body, method == "GET"),
            None => self.send(&mut stream, "404 Not Found", "text/plain", b"there is no such file\n", true),
        }
    }

    fn send(
        &self,
        stream: &mut TcpStream,
        status: &str,
        mime: &str,
        body: &[u8],
        with_body: bool,
    ) -> std::io::Result<()> {
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: {mime}\r\nContent-Length: {}\r\nContent-Security-Policy: {}\r\n\
             X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-cache\r\n\
             Connection: close\r\n\r\n",
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

/// The path of a request, or `None` where it leads out of the folder.
fn inside(target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    let is_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    (is_inside && !path.to_string_lossy().contains(['%', '\\'])).then(|| path.to_owned())
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

    #[test]
    fn nothing_outside_the_folder_is_named() {
        assert_eq!(inside("/"), Some(PathBuf::from("index.html")));
        assert_eq!(inside("/a/b.js?x=1"), Some(PathBuf::from("a/b.js")));
        for hostile in ["/../x", "/a/../../x", "//etc/passwd", "/%2e%2e/x", "/a\\..\\x", "x", ""] {
            assert_eq!(inside(hostile), None, "{hostile}");
        }
    }

    #[test]
    fn the_policy_is_the_page_s_own() {
        let page = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">";
        assert_eq!(policy(page), Some("default-src 'none'"));
        assert_eq!(policy("<p>"), None);
    }
}
