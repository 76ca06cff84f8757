//! Where Project Gutenberg keeps the plain text of a book: on its own site and on its mirrors.

/// Tried in turn. `{n}` is the book's number, `{dir}` its folder in the directory layout, `1/3/4/1342`.
/// The first gives UTF-8 whatever the original was.
pub const DEFAULT: [&str; 6] = [
    "https://www.gutenberg.org/cache/epub/{n}/pg{n}.txt",
    "https://www.gutenberg.org/files/{n}/{n}-0.txt",
    "https://aleph.gutenberg.org/{dir}/{n}-0.txt",
    "https://gutenberg.pglaf.org/{dir}/{n}-0.txt",
    "https://gutenberg.pglaf.org/{dir}/{n}-8.txt",
    "https://gutenberg.pglaf.org/{dir}/{n}.txt",
];

/// What is tried under a mirror named by its root alone: the site's own layout, then UTF-8, Latin-1
/// and ASCII in the directory layout.
const LAYOUTS: [&str; 4] = ["cache/epub/{n}/pg{n}.txt", "{dir}/{n}-0.txt", "{dir}/{n}-8.txt", "{dir}/{n}.txt"];

/// The addresses of book `number`, in the order to try: on `mirrors`, or on the default ones if none are given.
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

/// 1342 lies in `1/3/4/1342`: a folder for each digit but the last. 5 lies in `0/5`.
fn folder(number: u32) -> String {
    let digits = number.to_string();
    let above: Vec<String> = digits[..digits.len() - 1].chars().map(String::from).collect();
    let above = if above.is_empty() { "0".to_string() } else { above.join("/") };
    format!("{above}/{number}")
}

/// The number in the address of a book's page, `https://www.gutenberg.org/ebooks/1342`: what people
/// copy from their browser is the page, what they mean is the book.
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
    fn follows_the_directory_layout() {
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
    fn a_page_means_its_book() {
        assert_eq!(number_of_page("https://www.gutenberg.org/ebooks/1342"), Some(1342));
        assert_eq!(number_of_page("https://www.gutenberg.org/ebooks/1342.txt.utf-8"), None);
        assert_eq!(number_of_page("https://example.org/ebooks/1342"), None);
    }
}
