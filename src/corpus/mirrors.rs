//! The URLs of plain-text books on Project Gutenberg and its mirrors.

/// URLs to try in turn. `{n}` is the book's number, `{dir}` its folder, `1/3/4/1342`. The
/// first one always returns UTF-8.
pub const DEFAULT: [&str; 6] = [
    "https://www.gutenberg.org/cache/epub/{n}/pg{n}.txt",
    "https://www.gutenberg.org/files/{n}/{n}-0.txt",
    "https://aleph.gutenberg.org/{dir}/{n}-0.txt",
    "https://gutenberg.pglaf.org/{dir}/{n}-0.txt",
    "https://gutenberg.pglaf.org/{dir}/{n}-8.txt",
    "https://gutenberg.pglaf.org/{dir}/{n}.txt",
];

/// Paths to try on a mirror given by its root: the layout of the main site, then UTF-8, Latin-1 and ASCII in the
/// book's folder.
const LAYOUTS: [&str; 4] = ["cache/epub/{n}/pg{n}.txt", "{dir}/{n}-0.txt", "{dir}/{n}-8.txt", "{dir}/{n}.txt"];

/// Returns the URLs of book `number`, in the order to try them, on `mirrors` or, if there are none, the default ones.
pub fn addresses(number: u32, mirrors: &[String]) -> Vec<String> {
    let templates: Vec<String> = if mirrors.is_empty() {
        DEFAULT.map(String::from).into()
    } else {
        mirrors.iter().flat_map(|mirror| templates(mirror)).collect()
    };
    let folder = folder(number);
    templates.iter().map(|t| t.replace("{n}", &number.to_string()).replace("{dir}", &folder)).collect()
}

fn templates(mirror: &str) -> Vec<String> {
    if mirror.contains("{n}") {
        return vec![mirror.into()];
    }
    LAYOUTS.iter().map(|layout| format!("{}/{layout}", mirror.trim_end_matches('/'))).collect()
}

/// Returns the folder of a book: one level for each digit except the last, so `1/3/4/1342` for 1342; `0/5` for 5.
fn folder(number: u32) -> String {
    let digits = number.to_string();
    let above: Vec<String> = digits[..digits.len() - 1].chars().map(String::from).collect();
    let above = if above.is_empty() { "0".to_string() } else { above.join("/") };
    format!("{above}/{number}")
}

/// Returns the number in the URL of a book's web page, such as `https://www.gutenberg.org/ebooks/1342`. People copy
/// the URL of the page when they mean the book.
pub fn number_of_page(url: &str) -> Option<u32> {
    let (_, rest) = url.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    if !matches!(host, "gutenberg.org" | "www.gutenberg.org" | "m.gutenberg.org") {
        return None;
    }
    path.strip_prefix("ebooks/")?.trim_end_matches('/').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_follow_the_folder_layout() {
        assert_eq!(folder(1342), "1/3/4/1342");
        assert_eq!(folder(11), "1/11");
        assert_eq!(folder(5), "0/5");
        assert_eq!(addresses(11, &[])[0], "https://www.gutenberg.org/cache/epub/11/pg11.txt");
        assert!(addresses(1342, &[]).contains(&"https://aleph.gutenberg.org/1/3/4/1342/1342-0.txt".into()));
    }

    #[test]
    fn a_mirror_is_a_root_or_a_pattern() {
        assert_eq!(addresses(84, &["http://m/{dir}/{n}-8.txt".into()]), ["http://m/8/84/84-8.txt"]);
        let both = addresses(84, &["http://m/pub/".into(), "http://k/{n}".into()]);
        assert_eq!(both[0], "http://m/pub/cache/epub/84/pg84.txt");
        assert_eq!(both.last().unwrap(), "http://k/84");
    }

    #[test]
    fn page_urls_contain_the_book_number() {
        assert_eq!(number_of_page("https://www.gutenberg.org/ebooks/1342"), Some(1342));
        assert_eq!(number_of_page("https://www.gutenberg.org/ebooks/1342.txt.utf-8"), None);
        assert_eq!(number_of_page("https://example.org/ebooks/1342"), None);
    }
}
