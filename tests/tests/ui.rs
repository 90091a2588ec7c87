//! `vhault ui`: the page served by the program, to this machine alone.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;
use vhault_tests::program::{command, vhault};

const PAGE: &str =
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'self'\">";

/// The program at work, and its address.
struct Served {
    child: Child,
    address: String,
}

fn serve(site: &Path) -> Served {
    let mut ui = command(["ui", "--json", "--port", "0", "--no-open", "--site"]);
    let mut child =
        ui.arg(site).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut line = String::new();
    BufReader::new(child.stderr.as_mut().expect("the server is there and answers"))
        .read_line(&mut line)
        .expect("the server is there and answers");
    let event: Value = serde_json::from_str(&line).expect("the server is there and answers");
    assert_eq!((&event["event"], &event["opened"]), (&"serving".into(), &false.into()));
    Served { child, address: event["address"].as_str().expect("the server is there and answers").to_owned() }
}

impl Served {
    /// The whole answer to a request for `target`, which nothing tidies up on its way.
    fn ask(&self, target: &str, host: &str) -> String {
        let place = self.address.trim_start_matches("http://").trim_end_matches('/');
        assert!(place.starts_with("127.0.0.1:"), "served to others: {place}");
        let mut stream = TcpStream::connect(place).expect("the server is there and answers");
        write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n")
            .expect("the server is there and answers");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server is there and answers");
        answer
    }

    /// Sends SIGINT and returns the exit code and what was printed last.
    fn interrupt(mut self) -> (Option<i32>, String) {
        // Every shell has kill; the program of that name is not on every machine.
        let kill = format!("kill -INT {}", self.child.id());
        assert!(
            std::process::Command::new("sh")
                .args(["-c", &kill])
                .status()
                .expect("the server is there and answers")
                .success()
        );
        let mut said = String::new();
        self.child
            .stdout
            .take()
            .expect("the server is there and answers")
            .read_to_string(&mut said)
            .expect("the server is there and answers");
        (self.child.wait().expect("the server is there and answers").code(), said)
    }
}

#[test]
fn the_page_is_served_with_its_policy_until_a_signal_comes() {
    let home = tempfile::tempdir().unwrap();
    let site = home.path().join("site");
    fs::create_dir(&site).unwrap();
    fs::write(site.join("index.html"), PAGE).unwrap();
    fs::write(home.path().join("secret"), "not for browsers").unwrap();
    let served = serve(&site);

    let page = served.ask("/", "127.0.0.1");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.ends_with(PAGE), "{page}");
    assert!(
        page.contains(
            "Content-Security-Policy: default-src 'none'; script-src 'self'; frame-ancestors 'none'\r\n"
        ),
        "{page}"
    );
    for target in ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "//secret", "/./../secret", "/missing"] {
        let answer = served.ask(target, "localhost");
        assert!(answer.starts_with("HTTP/1.1 404 ") && !answer.contains("browsers"), "{target}: {answer}");
    }
    assert!(served.ask("/", "other.example").starts_with("HTTP/1.1 403 "));

    let (code, said) = served.interrupt();
    assert_eq!(code, Some(0), "{said}");
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["answered"], 8);
}

#[test]
fn a_program_or_a_folder_without_the_page_says_how_to_get_it() {
    let told = vhault(["ui", "--port", "0", "--no-open"]);
    // A program that has the page inside would serve it and not end.
    assert_eq!(told.code, Some(2), "{}", told.whole());
    assert!(told.stderr.contains("cargo xtask web --program"), "{}", told.whole());
    let empty = tempfile::tempdir().unwrap();
    let site = empty.path().to_str().unwrap();
    let told = vhault(["ui", "--no-open", "--site", site]).ends_with(2);
    assert!(told.stderr.contains("index.html is missing"), "{}", told.whole());
}

#[test]
fn a_port_that_is_taken_is_named_with_the_way_out() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("index.html"), PAGE).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let site = home.path().to_str().unwrap();
    let told = vhault(["ui", "--no-open", "--port", &port, "--site", site]).ends_with(1);
    assert!(told.stderr.contains(&port) && told.stderr.contains("--port 0"), "{}", told.whole());
}
