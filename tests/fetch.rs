//! End-to-end tests of rnn-fetch against well-behaved and misbehaving servers.

#[path = "fetch/home.rs"]
mod home;
#[path = "fetch/server.rs"]
mod server;

use std::fs;
use std::path::Path;

use home::{Home, Run, run};
use server::{Server, answer, bare, text};

const BOOK: &str = "THE BOOK\n\nIt began and it ended.\n";

#[track_caller]
fn fails(run: &Run, message: &str) {
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{}", run.err);
    assert!(run.err.contains(message), "{}", run.err);
    assert!(!run.err.contains("panicked"), "{}", run.err);
}

fn gutenberg(book: &str) -> String {
    format!(
        "The Project Gutenberg eBook of X\r\n\r\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\r\n\r\n{}\r\n\
         *** END OF THE PROJECT GUTENBERG EBOOK X ***\r\nlicence\r\n",
        book.replace('\n', "\r\n")
    )
}

#[test]
fn every_edition_of_the_file_yields_the_same_book() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/gutenberg");
    let book = fs::read_to_string(fixtures.join("book.txt")).unwrap();
    let home = Home::new();
    let mut editions = 0;
    for entry in fs::read_dir(&fixtures).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "txt") {
            continue;
        }
        let from_file = home.run(&[path.to_str().unwrap()]);
        assert_eq!(from_file.out, book, "{}", path.display());
        let from_stdin = home.feed(&["-q", "-"], &fs::read(&path).unwrap());
        assert_eq!((from_stdin.out, from_stdin.err), (book.clone(), String::new()), "{}", path.display());
        assert_eq!(from_file.err.contains("removed "), path.file_name().unwrap() != "book.txt");
        editions += 1;
    }
    assert_eq!(editions, 7);
}

#[test]
fn a_number_comes_from_a_mirror_in_either_layout() {
    let home = Home::new();
    let server = Server::start(|request, _| match request.path.as_str() {
        "/pub/1/3/4/1342/1342-0.txt" => text(&gutenberg(BOOK)),
        _ => answer("404 Not Found", &[], b"<html>no"),
    });
    let run = home.run(&["--mirror", &server.url("/pub/"), "1342"]);
    assert_eq!((run.code, run.out.as_str()), (0, BOOK), "{}", run.err);
    assert!(run.err.contains("1342: removed 4 lines of header and 3 of licence"), "{}", run.err);
    let requests = server.requests();
    let paths: Vec<&str> = requests.iter().map(|r| r.path.as_str()).collect();
    assert_eq!(paths, ["/pub/cache/epub/1342/pg1342.txt", "/pub/1/3/4/1342/1342-0.txt"]);
    assert!(requests[0].header("User-Agent").unwrap().starts_with("rnn-fetch/"));
}

#[test]
fn a_mirror_without_the_book_is_skipped_and_redirects_are_followed() {
    let home = Home::new();
    let empty = Server::start(|_, _| answer("404 Not Found", &[], b""));
    let full = Server::start(|request, _| match request.path.as_str() {
        "/old/11" => answer("302 Found", &["Location: /new"], b""),
        "/new" => text(&gutenberg(BOOK)),
        _ => answer("404 Not Found", &[], b""),
    });
    let run = home.run(&["--mirror", &empty.url("/{n}"), "--mirror", &full.url("/old/{n}"), "alice"]);
    assert_eq!((run.code, run.out.as_str()), (0, BOOK), "{}", run.err);
    assert!(run.err.contains("404 Not Found"), "{}", run.err);
    let run = home.run(&["--mirror", &empty.url("/{n}"), "pride"]);
    fails(&run, "404 Not Found");
}

#[test]
fn a_busy_server_is_retried_a_limited_number_of_times() {
    let home = Home::new();
    let server = Server::start(|_, before| match before {
        0 => answer("503 Service Unavailable", &["Retry-After: 0"], b"busy"),
        _ => text(BOOK),
    });
    assert_eq!(home.run(&[&server.url("/a")]).out, BOOK);
    assert_eq!(server.requests().len(), 2);

    let server = Server::start(|_, _| answer("503 Service Unavailable", &[], b"busy"));
    fails(&home.run(&["--retries", "2", &server.url("/a")]), "503 Service Unavailable");
    assert_eq!(server.requests().len(), 3);

    // An hour is too long to wait.
    let server = Server::start(|_, _| answer("429 Too Many Requests", &["Retry-After: 3600"], b""));
    fails(&home.run(&[&server.url("/a")]), "429 Too Many Requests");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn other_content_is_refused_with_a_description() {
    let home = Home::new();
    let html = "<!DOCTYPE html><html><title>Just a moment</title>";
    for (reply, message) in [
        (answer("200 OK", &["Content-Type: text/html"], html.as_bytes()), "a captcha (“Just a moment”)"),
        (text("<html>please solve the captcha"), "a captcha"),
        (answer("200 OK", &["Content-Type: text/plain"], b""), "the file is empty"),
        (answer("200 OK", &[], b"PK\x03\x04\0\0\0"), "a zip archive"),
        (bare("200 OK", &["Content-Length: 200000000"], b"a"), "more than 100 MB"),
        (answer("403 Forbidden", &[], b"no robots"), "403 Forbidden"),
        (b"SSH-2.0-OpenSSH\r\n\r\n".to_vec(), "cannot download http"),
    ] {
        let server = Server::start(move |_, _| reply.clone());
        fails(&home.run(&["--retries", "0", &server.url("/a")]), message);
    }
}

#[test]
fn a_page_is_read_as_its_text_but_not_in_place_of_a_file_of_gutenberg() {
    let home = Home::new();
    let page = b"<p>\xd1\xf2\xe0\xf0\xfb\xe9 \xef\xe0\xf0\xee\xec\xf9\xe8\xea<nav>Menu</nav><p>The end";
    let server = Server::start(|_, _| answer("200 OK", &["Content-Type: text/html; charset=windows-1251"], page));
    // The second time from the cache.
    for _ in 0..2 {
        let run = home.run(&[&server.url("/a")]);
        assert_eq!((run.code, run.out.as_str()), (0, "Старый паромщик\n\nThe end\n"), "{}", run.err);
    }
    fails(&home.run(&["--retries", "0", "--mirror", &server.url(""), "1342"]), "an HTML page");
}

#[test]
fn an_incomplete_body_is_an_error() {
    let home = Home::new();
    let server = Server::start(|_, _| bare("200 OK", &["Content-Length: 1000"], b"half of the book"));
    fails(&home.run(&["--retries", "1", &server.url("/a")]), "broke off after 16 of 1000 bytes");
    assert_eq!(server.requests().len(), 2);
    // Without a validator, the retry must not request a range.
    assert!(server.requests().iter().all(|request| request.header("Range").is_none()));

    let chunked = bare("200 OK", &["Transfer-Encoding: chunked"], b"10\r\nhalf of the");
    let server = Server::start(move |_, _| chunked.clone());
    fails(&home.run(&["--retries", "0", &server.url("/a")]), "broke off");
}

/// A server that sends half of the book, then any requested range of the rest.
fn breaking(tag: &'static str) -> Server {
    Server::start(move |request, before| {
        let (half, length) = (BOOK.len() / 2, format!("Content-Length: {}", BOOK.len()));
        let tag = format!("ETag: {tag}");
        if before == 0 {
            return bare("200 OK", &[&tag, &length], &BOOK.as_bytes()[..half]);
        }
        match request.header("Range") {
            Some(range) if request.header("If-Range") == Some("\"v1\"") && tag.contains("v1") => {
                assert_eq!(range, format!("bytes={half}-"));
                let range = format!("Content-Range: bytes {half}-{}/{}", BOOK.len() - 1, BOOK.len());
                answer("206 Partial Content", &[&tag, &range], &BOOK.as_bytes()[half..])
            }
            _ => answer("200 OK", &[&tag], BOOK.as_bytes()),
        }
    })
}

#[test]
fn an_interrupted_transfer_is_resumed_immediately_and_by_the_next_run() {
    let home = Home::new();
    let server = breaking("\"v1\"");
    let run = home.run(&[&server.url("/a")]);
    assert_eq!((run.code, run.out.as_str()), (0, BOOK), "{}", run.err);
    assert!(server.requests()[1].header("Range").is_some());

    let server = breaking("\"v1\"");
    fails(&home.run(&["--retries", "0", &server.url("/a")]), "broke off");
    assert_eq!(home.run(&["--retries", "0", &server.url("/a")]).out, BOOK);
    assert!(server.requests()[1].header("Range").is_some());

    // A weak tag does not allow a range request.
    let server = breaking("W/\"v1\"");
    assert_eq!(home.run(&[&server.url("/a")]).out, BOOK);
    assert!(server.requests()[1].header("Range").is_none());
}

#[test]
fn a_book_that_changed_during_the_interruption_is_downloaded_again() {
    let server = Server::start(|_, before| match before {
        0 => bare("200 OK", &["ETag: \"old\"", "Content-Length: 100"], b"the old book"),
        _ => answer("200 OK", &["ETag: \"new\""], BOOK.as_bytes()),
    });
    assert_eq!(Home::new().run(&[&server.url("/a")]).out, BOOK);
    assert_eq!(server.requests()[1].header("If-Range"), Some("\"old\""));
}

#[test]
fn an_unrequested_range_is_not_appended() {
    for wrong in ["bytes 3-30/31", "nonsense"] {
        let server = Server::start(move |_, before| match before {
            0 => bare("200 OK", &["ETag: \"1\"", "Content-Length: 31"], &BOOK.as_bytes()[..10]),
            1 => answer("206 Partial Content", &[&format!("Content-Range: {wrong}")], b"another part"),
            _ => answer("200 OK", &[], BOOK.as_bytes()),
        });
        assert_eq!(Home::new().run(&[&server.url("/a")]).out, BOOK, "{wrong}");
        assert_eq!(server.requests()[2].header("Range"), None);
    }
    // The server reports that there is no more data: start over.
    let server = Server::start(|request, before| match request.header("Range") {
        Some(_) => answer("416 Range Not Satisfiable", &[], b""),
        None if before == 0 => bare("200 OK", &["ETag: \"1\"", "Content-Length: 99"], BOOK.as_bytes()),
        None => answer("200 OK", &[], BOOK.as_bytes()),
    });
    assert_eq!(Home::new().run(&[&server.url("/a")]).out, BOOK);
}

#[test]
fn an_unrequested_compressed_response_is_decompressed() {
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x0b\xf1\x70\x55\x70\xf2\xf7\xf7\xe6\x02\x00\x0b\x74\x8a\x4b\x09\x00\x00\x00";
    let server = Server::start(|_, _| answer("200 OK", &["Content-Encoding: gzip"], gzip));
    assert_eq!(Home::new().run(&[&server.url("/a")]).out, "THE BOOK\n");
    assert_eq!(server.requests()[0].header("Accept-Encoding"), Some("identity"));
}

#[test]
fn an_unreachable_mirror_is_tried_once() {
    let home = Home::new();
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let alive = Server::start(|_, _| text(BOOK));
    let run = home.run(&["--mirror", &format!("http://{dead}"), "--mirror", &alive.url("/{n}"), "1342"]);
    assert_eq!((run.code, run.out.as_str()), (0, BOOK), "{}", run.err);
    assert_eq!(run.err.matches("refused").count(), 1, "{}", run.err);
    assert!(!run.err.contains("retrying"), "{}", run.err);
    assert!(run.err.contains("no Gutenberg header"), "{}", run.err);
}

#[test]
fn cached_files_are_revalidated() {
    let home = Home::new();
    let server = Server::start(|request, before| match request.header("If-None-Match") {
        Some("\"v1\"") if before < 2 => answer("304 Not Modified", &["ETag: \"v1\""], b""),
        Some("\"v1\"") => answer("200 OK", &["ETag: \"v2\""], b"a new printing\n"),
        Some(_) => answer("500 Internal Server Error", &[], b""),
        None => answer("200 OK", &["ETag: \"v1\""], BOOK.as_bytes()),
    });
    let url = server.url("/a");
    assert_eq!(home.run(&[&url]).out, BOOK);
    assert_eq!(home.run(&[&url]).out, BOOK);
    assert_eq!(home.run(&[&url]).out, "a new printing\n");
    // The cached copy is used while the server fails.
    let run = home.run(&["--retries", "0", &url]);
    assert_eq!((run.code, run.out.as_str()), (0, "a new printing\n"));
    assert!(run.err.contains("using the copy in the cache"), "{}", run.err);

    let before = server.requests().len();
    assert_eq!(home.run(&["--offline", &url]).out, "a new printing\n");
    assert_eq!(server.requests().len(), before, "--offline makes no requests");
    fails(&home.run(&["--offline", "alice"]), "alice is not in the cache");
}

#[test]
fn a_damaged_cache_is_ignored() {
    let home = Home::new();
    let server = Server::start(|request, _| match request.header("If-None-Match") {
        Some(_) => answer("304 Not Modified", &[], b""),
        None => answer("200 OK", &["ETag: \"v1\""], BOOK.as_bytes()),
    });
    home.run(&[&server.url("/a")]);
    for entry in fs::read_dir(home.path().join("cache/rnn/books")).unwrap() {
        fs::write(entry.unwrap().path(), "{ damaged").unwrap();
    }
    assert_eq!(home.run(&[&server.url("/a")]).out, BOOK);
}

#[test]
fn a_silent_server_times_out() {
    // Accepts connections and never responds.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/a", listener.local_addr().unwrap());
    fails(&Home::new().run(&["--timeout", "1", "--retries", "0", &url]), "timed out");
    drop(listener);
    fails(&Home::new().run(&["--retries", "1", &url]), "onnection");
}

#[test]
fn a_proxy_from_the_environment_is_used() {
    let home = Home::new();
    let proxy = Server::start(|request, _| match request.method.as_str() {
        "CONNECT" => b"HTTP/1.1 200 OK\r\n\r\n".to_vec(),
        _ => text(BOOK),
    });
    let mut command = home.command(&["http://books.invalid/a"]);
    command.env("http_proxy", &proxy.root);
    let run = run(command, b"");
    assert_eq!((run.code, run.out.as_str()), (0, BOOK), "{}", run.err);
    assert_eq!(proxy.requests()[0].path, "books.invalid:80");
}

#[test]
fn several_books_are_joined_by_an_empty_line_or_go_to_files() {
    let home = Home::new();
    fs::write(home.path().join("one.txt"), "one").unwrap();
    let joined = home.feed(&["one.txt", "ferry", "-", "-o", "all.txt"], b"two\n");
    assert_eq!((joined.code, joined.out.as_str()), (0, ""), "{}", joined.err);
    let ferry = rnn_tools::corpus::catalogue::FERRY;
    assert_eq!(fs::read_to_string(home.path().join("all.txt")).unwrap(), format!("one\n\n{ferry}\ntwo\n"));

    let split = home.run(&["one.txt", "ferry", "-d", "new/folder"]);
    assert_eq!(split.code, 0, "{}", split.err);
    assert_eq!(fs::read_to_string(home.path().join("new/folder/ferry.txt")).unwrap(), ferry);
    assert_eq!(fs::read_to_string(home.path().join("new/folder/one.txt")).unwrap(), "one");
    assert_eq!(home.run(&["one.txt", "-d", "."]).code, 2, "an input is not overwritten");
    assert_eq!(home.run(&["ferry", "FERRY", "-d", "new"]).code, 2, "two books, one file");
}

#[test]
fn raw_keeps_text_that_stripping_would_remove_or_refuse() {
    let home = Home::new();
    let kept = home.feed(&["--raw", "-"], gutenberg("").as_bytes());
    assert_eq!((kept.code, kept.out), (0, gutenberg("").replace("\r\n", "\n")));
    let refused = home.feed(&["-"], gutenberg("").as_bytes());
    fails(&refused, "only Gutenberg's header");
    assert!(refused.err.contains("hint: --raw"), "{}", refused.err);
}

#[test]
fn text_in_any_encoding_is_converted_or_the_encoding_is_asked_for() {
    let home = Home::new();
    let russian = "Старый паромщик знал каждую отмель этой реки. Утром он молчал.\n".repeat(5);
    let japanese = "年老いた渡し守は、この川のどの浅瀬も知っていた。\n".repeat(5);
    for (name, text) in [("KOI8-R", &russian), ("windows-1251", &russian), ("IBM866", &russian)]
        .into_iter()
        .chain(["Shift_JIS", "EUC-JP", "ISO-2022-JP"].map(|name| (name, &japanese)))
    {
        let bytes = encoding_rs::Encoding::for_label(name.as_bytes()).unwrap().encode(text).0;
        let run = home.feed(&["-"], &bytes);
        assert_eq!((run.code, &run.out), (0, text), "{name}: {}", run.err);
        assert!(run.err.contains(&format!("converted from {name}")), "{}", run.err);
    }
    let wide: Vec<u8> = russian.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(home.feed(&["-"], &wide).out, russian);

    let unclear = home.feed(&["-"], b"a na\xefve idea\n");
    fails(&unclear, "cannot tell the encoding");
    assert!(unclear.err.contains("--encoding"), "{}", unclear.err);
    fs::write(home.path().join("short.txt"), b"a na\xefve idea\n").unwrap();
    let named = home.run(&["short.txt", "--encoding", "latin1", "--manifest", "short.lock"]);
    assert_eq!((named.code, &named.out[..]), (0, "a naïve idea\n"), "{}", named.err);
    assert_eq!(home.run(&["--locked", "short.lock"]).out, named.out);
    fails(&home.run(&["short.txt", "--encoding", "UTF-8"]), "not UTF-8 text");
    let wrong = home.run(&["short.txt", "--encoding", "KOI8-A"]);
    assert!(wrong.code == 2 && wrong.err.contains("KOI8-R?"), "{}", wrong.err);
}

#[test]
fn a_locked_corpus_is_reproduced_byte_for_byte_or_fails() {
    let home = Home::new();
    let server = Server::start(|_, before| text(&gutenberg(if before == 0 { BOOK } else { "ANOTHER\n" })));
    let url = server.url("/{n}");
    let made = home.run(&["--mirror", &url, "alice", "ferry", "--manifest", "corpus.lock"]);
    assert_eq!(made.code, 0, "{}", made.err);

    let lock: serde_json::Value = serde_json::from_slice(&fs::read(home.path().join("corpus.lock")).unwrap()).unwrap();
    let alice = &lock["sources"][0];
    assert_eq!(alice["url"], server.url("/11"));
    assert_eq!((&alice["bytes"], &alice["text_bytes"]), (&gutenberg(BOOK).len().into(), &BOOK.len().into()));
    assert_eq!((&alice["header_lines"], &alice["licence_lines"]), (&4.into(), &3.into()));

    // The cache contains the locked file, so no request is made.
    let again = home.run(&["--locked", "corpus.lock"]);
    assert_eq!((again.code, again.out), (0, made.out), "{}", again.err);
    assert_eq!(server.requests().len(), 1);

    // With an empty cache, the server's file no longer matches.
    let lock = home.path().join("corpus.lock");
    let elsewhere = Home::new().run(&["--mirror", &url, "--locked", lock.to_str().unwrap()]);
    fails(&elsewhere, "does not match the lock file");

    fs::write(home.path().join("a.txt"), "a\n").unwrap();
    home.run(&["a.txt", "--manifest", "a.lock"]);
    assert_eq!(home.run(&["--locked", "a.lock"]).out, "a\n");
    fs::write(home.path().join("a.txt"), "b\n").unwrap();
    fails(&home.run(&["--locked", "a.lock"]), "does not match the lock file");
}

#[test]
fn invalid_arguments_are_usage_errors_with_a_hint() {
    let home = Home::new();
    let wrong = home.run(&["alcie"]);
    assert_eq!((wrong.code, wrong.out.as_str()), (2, ""));
    assert!(wrong.err.contains("did you mean `alice`?") && wrong.err.contains("--list"), "{}", wrong.err);
    for args in [&[][..], &["ftp://a/b"], &["0"], &["-", "-"], &["--json"], &["ferry", "--wait", "-1"]] {
        let run = home.run(args);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}: {}", run.err);
    }
    fails(&home.run(&["missing.txt"]), "cannot open 'missing.txt'");
    fails(&home.feed(&["-"], b"\0\0"), "standard input: not text");
}

#[test]
fn the_catalogue_is_listed_as_a_table_and_as_json() {
    let home = Home::new();
    let table = home.run(&["--list"]).out;
    assert!(table.lines().any(|line| line.starts_with("gatsby ") && line.contains("1925")));
    let json: serde_json::Value = serde_json::from_str(&home.run(&["--list", "--json"]).out).unwrap();
    let books = json.as_array().unwrap();
    assert_eq!(books.len() + 1, table.lines().count());
    for (name, number) in [("alice", 11), ("pride", 1342), ("sherlock", 1661), ("frankenstein", 84), ("gatsby", 64317)]
    {
        assert!(books.iter().any(|book| book["name"] == name && book["gutenberg"] == number), "{name}");
    }
}
