//! The text of an EPUB: a zip archive of XHTML chapters, whose order its package document gives.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use html5gum::{StartTag, Token, Tokenizer};
use percent_encoding::percent_decode_str;
use zip::ZipArchive;
use zip::result::ZipError;

use super::{MAX_BYTES, html, too_large};
use crate::error::{Error, Result};

/// A book, as its chapters' texts.
pub struct Epub {
    pub text: String,
    /// The number of documents with text.
    pub documents: usize,
}

/// Reads the chapters of an EPUB in their order.
pub fn read(bytes: &[u8]) -> Result<Epub> {
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| Error::invalid(format!("damaged EPUB: {e}")))?;
    let mut files = Files { archive, left: MAX_BYTES };
    let container = files.get("META-INF/container.xml")?.ok_or_else(|| damaged("META-INF/container.xml"))?;
    let package_path = tags(&container)
        .find_map(|tag| (local_name(&tag) == b"rootfile").then(|| attribute(&tag, "full-path")).flatten())
        .ok_or_else(|| Error::invalid("damaged EPUB: its container names no package document"))?;
    let package = files.get(&package_path)?.ok_or_else(|| damaged(&package_path))?;
    let chapters = chapters(&package, &package_path);
    if let Some(encryption) = files.get("META-INF/encryption.xml")? {
        check_encryption(&encryption, &chapters)?;
    }
    let mut texts = Vec::new();
    for path in chapters {
        let chapter = files.get(&path)?.ok_or_else(|| damaged(&path))?;
        let text = html::chapter_text(&chapter);
        if !text.is_empty() {
            texts.push(text);
        }
    }
    Ok(Epub { documents: texts.len(), text: texts.join("\n") })
}

/// Returns the paths of the chapters: the documents of the spine, without those beside the text, and without the table
/// of contents.
fn chapters(package: &str, package_path: &str) -> Vec<String> {
    let mut items: HashMap<String, StartTag<()>> = HashMap::new();
    let mut paths = Vec::new();
    for tag in tags(package) {
        match local_name(&tag) {
            b"item" => {
                if let Some(id) = attribute(&tag, "id") {
                    items.insert(id, tag);
                }
            }
            b"itemref" if attribute(&tag, "linear").as_deref() != Some("no") => {
                let Some(item) = attribute(&tag, "idref").and_then(|id| items.get(&id)) else { continue };
                let properties = attribute(item, "properties").unwrap_or_default();
                let is_nav = properties.split_whitespace().any(|word| word == "nav");
                let kind = attribute(item, "media-type").unwrap_or_default();
                let is_page = kind.is_empty() || kind.contains("html");
                if let (Some(href), false, true) = (attribute(item, "href"), is_nav, is_page) {
                    paths.push(resolve(package_path, &href));
                }
            }
            _ => {}
        }
    }
    paths
}

/// Fails if a chapter is encrypted. Encrypted fonts, which keep them from being copied out, do not matter.
fn check_encryption(encryption: &str, chapters: &[String]) -> Result<()> {
    let is_chapter = |path: String| chapters.contains(&path);
    let mut references = tags(encryption).filter(|tag| local_name(tag) == b"cipherreference");
    match references.any(|tag| attribute(&tag, "uri").is_some_and(|uri| is_chapter(resolve("", &uri)))) {
        true => Err(Error::invalid("an EPUB with DRM: its text is encrypted")
            .hint("only the shop's reader can open it; buy it without DRM")),
        false => Ok(()),
    }
}

/// The files of an archive, of which no more than `left` bytes are decompressed.
struct Files<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    left: u64,
}

impl Files<'_> {
    /// Returns a file as text, or None if there is none of that name.
    fn get(&mut self, path: &str) -> Result<Option<String>> {
        let unreadable =
            |reason: String| Error::invalid(format!("damaged EPUB: {}: {reason}", crate::error::escaped(path)));
        let file = match self.archive.by_name(path) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        let mut bytes = Vec::new();
        file.take(self.left + 1).read_to_end(&mut bytes).map_err(|e| unreadable(e.to_string()))?;
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
        html::decode(&bytes, None, None).map(|decoded| Some(decoded.text))
    }
}

fn damaged(missing: &str) -> Error {
    Error::invalid(format!("damaged EPUB: it contains no {}", crate::error::escaped(missing)))
}

/// Returns the start tags of an XML document. Names of elements and attributes are in lower case.
fn tags(xml: &str) -> impl Iterator<Item = StartTag<()>> {
    Tokenizer::new(xml).filter_map(|token| match token {
        Ok(Token::StartTag(tag)) => Some(tag),
        _ => None,
    })
}

/// Returns the name of an element without the prefix of its namespace.
fn local_name(tag: &StartTag<()>) -> &[u8] {
    tag.name.rsplit(|byte| *byte == b':').next().unwrap_or_default()
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).trim().into())
}

/// Returns the path in the archive that a link in the file `base` refers to.
fn resolve(base: &str, link: &str) -> String {
    let link = link.split('#').next().unwrap_or_default();
    let link = percent_decode_str(link).decode_utf8_lossy();
    let folder = if link.starts_with('/') { "" } else { base.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(link.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const CONTAINER: &str = "<?xml version='1.0'?><container><rootfiles><rootfile full-path='OEBPS/book.opf' \
                             media-type='application/oebps-package+xml'/></rootfiles></container>";
    const PACKAGE: &str = "<?xml version='1.0'?><opf:package xmlns:opf='http://www.idpf.org/2007/opf'><opf:manifest>\
        <opf:item id='two' href='text/chapter%202.xhtml#start' media-type='application/xhtml+xml'/>\
        <opf:item id='one' href='../one.xhtml' media-type='application/xhtml+xml'/>\
        <opf:item id='nav' href='nav.xhtml' properties='nav' media-type='application/xhtml+xml'/>\
        <opf:item id='cover' href='cover.xhtml' media-type='application/xhtml+xml'/>\
        <opf:item id='notes' href='notes.xhtml' media-type='application/xhtml+xml'/>\
        <opf:item id='picture' href='a.svg' media-type='image/svg+xml'/></opf:manifest><opf:spine>\
        <opf:itemref idref='cover'/><opf:itemref idref='nav'/><opf:itemref idref='one'/><opf:itemref idref='picture'/>\
        <opf:itemref idref='two'/><opf:itemref idref='notes' linear='no'/></opf:spine></opf:package>";
    const FILES: [(&str, &str); 8] = [
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/book.opf", PACKAGE),
        ("OEBPS/cover.xhtml", "<html><head><title>Cover</title></head><body><img src='a.png'/></body></html>"),
        ("OEBPS/nav.xhtml", "<html><body><nav><p>Contents</p></nav></body></html>"),
        ("OEBPS/notes.xhtml", "<html><body><p>A note</p></body></html>"),
        ("OEBPS/text/chapter 2.xhtml", "<html><body><header><h1>Two</h1></header><p>The goat ran.</p></body></html>"),
        (
            "one.xhtml",
            "<?xml version='1.0'?><html><head><title/></head><body><h1>One</h1><p>The bell rang.</p></body></html>",
        ),
    ];

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, contents) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(contents.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn chapters_are_read_in_the_order_of_the_spine() {
        let book = read(&archive(&FILES)).unwrap();
        assert_eq!(book.text, "One\n\nThe bell rang.\n\nTwo\n\nThe goat ran.\n");
        assert_eq!(book.documents, 2);
    }

    #[test]
    fn encrypted_chapters_are_refused_and_encrypted_fonts_are_not() {
        for (uri, is_read) in [("OEBPS/fonts/a.otf", true), ("OEBPS/text/chapter%202.xhtml", false)] {
            let encryption = format!("<encryption><enc:CipherReference URI='{uri}'/></encryption>");
            let files = [&FILES[..], &[("META-INF/encryption.xml", &encryption)]].concat();
            assert_eq!(read(&archive(&files)).is_ok(), is_read, "{uri}");
        }
    }

    #[test]
    fn what_is_missing_is_named_and_bombs_are_refused() {
        for missing in ["META-INF/container.xml", "OEBPS/book.opf", "one.xhtml"] {
            let files: Vec<_> = FILES.into_iter().filter(|(name, _)| *name != missing).collect();
            let error = read(&archive(&files)).err().unwrap().to_string();
            assert!(error.contains(missing), "{error}");
        }
        let mut files = FILES;
        let large = " ".repeat(MAX_BYTES as usize);
        files[7].1 = &large;
        assert!(read(&archive(&files)).err().unwrap().to_string().contains("too large"));
    }

    #[test]
    fn damaged_files_do_not_panic() {
        let file = archive(&FILES);
        for at in 0..file.len() {
            for bits in [1, 0xff] {
                let mut damaged = file.clone();
                damaged[at] ^= bits;
                let _ = read(&damaged);
            }
        }
        assert!(read(&file[..file.len() / 2]).is_err());
    }

    #[test]
    fn links_are_relative_to_their_file() {
        for (base, link, path) in [
            ("a/b.opf", "c.xhtml", "a/c.xhtml"),
            ("a/b.opf", "../../c.xhtml", "c.xhtml"),
            ("b.opf", "./d/%C3%A9.xhtml#x", "d/é.xhtml"),
            ("a/b.opf", "/c.xhtml", "c.xhtml"),
        ] {
            assert_eq!(resolve(base, link), path, "{link}");
        }
    }
}
