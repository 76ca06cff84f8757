//! The catalogue: popular public-domain books on Project Gutenberg, and one built-in book.

use serde::Serialize;

/// The built-in book, for a first try without a network. CC0.
pub const FERRY: &str = include_str!("../../examples/ferry.txt");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Book {
    pub name: &'static str,
    pub title: &'static str,
    pub author: &'static str,
    /// The year of the first edition (of the original, for translations); negative for BC.
    pub year: i32,
    /// ISO 639-1 code.
    pub language: &'static str,
    /// The size of the text in bytes; approximate for downloaded books.
    pub size: usize,
    /// The Project Gutenberg number; None for the built-in book.
    pub gutenberg: Option<u32>,
}

const fn book(
    name: &'static str,
    number: u32,
    title: &'static str,
    author: &'static str,
    year: i32,
    language: &'static str,
    kilobytes: usize,
) -> Book {
    Book { name, title, author, year, language, size: kilobytes * 1000, gutenberg: Some(number) }
}

/// All books in the catalogue: the built-in one, the most popular ones, then the rest by language.
pub static BOOKS: &[Book] = &[
    Book {
        name: "ferry",
        title: "The Ferry at Hollow Ford",
        author: "the rnn-tools authors",
        year: 2026,
        language: "en",
        size: FERRY.len(),
        gutenberg: None,
    },
    book("alice", 11, "Alice's Adventures in Wonderland", "Lewis Carroll", 1865, "en", 170),
    book("pride", 1342, "Pride and Prejudice", "Jane Austen", 1813, "en", 770),
    book("sherlock", 1661, "The Adventures of Sherlock Holmes", "Arthur Conan Doyle", 1892, "en", 600),
    book("frankenstein", 84, "Frankenstein; Or, The Modern Prometheus", "Mary Shelley", 1818, "en", 450),
    book("gatsby", 64317, "The Great Gatsby", "F. Scott Fitzgerald", 1925, "en", 300),
    book("anna-karenina", 1399, "Anna Karenina", "Leo Tolstoy", 1878, "en", 2070),
    book("anne", 45, "Anne of Green Gables", "L. M. Montgomery", 1908, "en", 600),
    book("baskervilles", 2852, "The Hound of the Baskervilles", "Arthur Conan Doyle", 1902, "en", 360),
    book("call-of-the-wild", 215, "The Call of the Wild", "Jack London", 1903, "en", 190),
    book("carol", 46, "A Christmas Carol", "Charles Dickens", 1843, "en", 190),
    book("crime", 2554, "Crime and Punishment", "Fyodor Dostoyevsky", 1866, "en", 1200),
    book("dorian-gray", 174, "The Picture of Dorian Gray", "Oscar Wilde", 1890, "en", 460),
    book("dracula", 345, "Dracula", "Bram Stoker", 1897, "en", 880),
    book("dubliners", 2814, "Dubliners", "James Joyce", 1914, "en", 400),
    book("emma", 158, "Emma", "Jane Austen", 1815, "en", 910),
    book("expectations", 1400, "Great Expectations", "Charles Dickens", 1861, "en", 1030),
    book("grimm", 2591, "Grimms' Fairy Tales", "Jacob and Wilhelm Grimm", 1812, "en", 550),
    book("heart-of-darkness", 219, "Heart of Darkness", "Joseph Conrad", 1899, "en", 230),
    book("huck", 76, "Adventures of Huckleberry Finn", "Mark Twain", 1884, "en", 600),
    book("jane-eyre", 1260, "Jane Eyre", "Charlotte Brontë", 1847, "en", 1070),
    book("jekyll", 43, "The Strange Case of Dr. Jekyll and Mr. Hyde", "Robert Louis Stevenson", 1886, "en", 160),
    book("jungle-book", 236, "The Jungle Book", "Rudyard Kipling", 1894, "en", 300),
    book("karamazov", 28054, "The Brothers Karamazov", "Fyodor Dostoyevsky", 1880, "en", 2040),
    book("les-miserables", 135, "Les Misérables", "Victor Hugo", 1862, "en", 3370),
    book("little-women", 514, "Little Women", "Louisa May Alcott", 1868, "en", 1080),
    book("looking-glass", 12, "Through the Looking-Glass", "Lewis Carroll", 1871, "en", 190),
    book("metamorphosis", 5200, "Metamorphosis", "Franz Kafka", 1915, "en", 140),
    book("middlemarch", 145, "Middlemarch", "George Eliot", 1871, "en", 1860),
    book("moby-dick", 2701, "Moby Dick; Or, The Whale", "Herman Melville", 1851, "en", 1270),
    book("monte-cristo", 1184, "The Count of Monte Cristo", "Alexandre Dumas", 1844, "en", 2780),
    book("oz", 55, "The Wonderful Wizard of Oz", "L. Frank Baum", 1900, "en", 230),
    book("persuasion", 105, "Persuasion", "Jane Austen", 1817, "en", 500),
    book("peter-pan", 16, "Peter Pan", "J. M. Barrie", 1911, "en", 290),
    book("sawyer", 74, "The Adventures of Tom Sawyer", "Mark Twain", 1876, "en", 420),
    book("secret-garden", 113, "The Secret Garden", "Frances Hodgson Burnett", 1911, "en", 470),
    book("sense", 161, "Sense and Sensibility", "Jane Austen", 1811, "en", 710),
    book("shakespeare", 100, "The Complete Works of William Shakespeare", "William Shakespeare", 1623, "en", 5600),
    book("time-machine", 35, "The Time Machine", "H. G. Wells", 1895, "en", 200),
    book("treasure-island", 120, "Treasure Island", "Robert Louis Stevenson", 1883, "en", 390),
    book("two-cities", 98, "A Tale of Two Cities", "Charles Dickens", 1859, "en", 800),
    book("ulysses", 4300, "Ulysses", "James Joyce", 1922, "en", 1580),
    book("walden", 205, "Walden", "Henry David Thoreau", 1854, "en", 670),
    book("war-and-peace", 2600, "War and Peace", "Leo Tolstoy", 1869, "en", 3360),
    book("war-of-the-worlds", 36, "The War of the Worlds", "H. G. Wells", 1898, "en", 360),
    book("willows", 289, "The Wind in the Willows", "Kenneth Grahame", 1908, "en", 340),
    book("wuthering", 768, "Wuthering Heights", "Emily Brontë", 1847, "en", 680),
    book("zarathustra", 7205, "Also sprach Zarathustra", "Friedrich Nietzsche", 1883, "de", 530),
    book("faust", 2229, "Faust: Der Tragödie erster Teil", "Johann Wolfgang von Goethe", 1808, "de", 220),
    book("verwandlung", 22367, "Die Verwandlung", "Franz Kafka", 1915, "de", 140),
    book("quijote", 2000, "Don Quijote", "Miguel de Cervantes Saavedra", 1605, "es", 2170),
    book("kalevala", 7000, "Kalevala", "Elias Lönnrot", 1849, "fi", 600),
    book("seitseman-veljesta", 11940, "Seitsemän veljestä", "Aleksis Kivi", 1870, "fi", 690),
    book("bovary", 14155, "Madame Bovary", "Gustave Flaubert", 1857, "fr", 740),
    book("candide", 4650, "Candide, ou l'optimisme", "Voltaire", 1759, "fr", 240),
    book("fleurs-du-mal", 6099, "Les Fleurs du mal", "Charles Baudelaire", 1857, "fr", 290),
    book("miserables", 17489, "Les misérables Tome I: Fantine", "Victor Hugo", 1862, "fr", 700),
    book("mousquetaires", 13951, "Les trois mousquetaires", "Alexandre Dumas", 1844, "fr", 1440),
    book("commedia", 1012, "La Divina Commedia di Dante", "Dante Alighieri", 1321, "it", 640),
    book("pinocchio", 52484, "Le avventure di Pinocchio", "Carlo Collodi", 1883, "it", 260),
    book("promessi-sposi", 45334, "I promessi sposi", "Alessandro Manzoni", 1840, "it", 1450),
    book("rashomon", 1982, "羅生門", "芥川龍之介", 1915, "ja", 30),
    book("aeneis", 227, "Aeneidos", "P. Vergilius Maro", -19, "la", 440),
    book("havelaar", 11024, "Max Havelaar", "Multatuli", 1860, "nl", 620),
    book("pan-tadeusz", 31536, "Pan Tadeusz", "Adam Mickiewicz", 1834, "pl", 490),
    book("bras-cubas", 54829, "Memórias Póstumas de Brás Cubas", "Machado de Assis", 1881, "pt", 380),
    book("casmurro", 55752, "Dom Casmurro", "Machado de Assis", 1899, "pt", 410),
    book("lusiadas", 3333, "Os Lusíadas", "Luís de Camões", 1572, "pt", 360),
    book("noli-me-tangere", 20228, "Noli Me Tangere", "José Rizal", 1887, "tl", 1000),
    book("hongloumeng", 24264, "紅樓夢", "曹雪芹", 1791, "zh", 2600),
];

/// Finds a book by name or full title, ignoring case.
pub fn find(name: &str) -> Option<&'static Book> {
    let name = name.trim().to_lowercase();
    BOOKS.iter().find(|book| book.name == name || book.title.to_lowercase() == name)
}

pub fn by_number(number: u32) -> Option<&'static Book> {
    BOOKS.iter().find(|book| book.gutenberg == Some(number))
}

/// Finds the book that a misspelled name probably means: by edit distance of its name, or by a word of its title.
pub fn nearest(wrong: &str) -> Option<&'static Book> {
    let wrong = wrong.trim().to_lowercase();
    let in_title = |book: &&Book| {
        wrong.chars().count() > 3 && book.title.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|w| w == wrong)
    };
    let distances = BOOKS.iter().map(|book| (strsim::osa_distance(&wrong, book.name), book));
    let (distance, book) = distances.min_by_key(|pair| pair.0)?;
    let close = distance <= 1 + wrong.chars().count().min(book.name.len()) / 4;
    if close { Some(book) } else { BOOKS.iter().find(in_title) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_numbers_are_one_to_one() {
        let names: HashSet<_> = BOOKS.iter().map(|book| book.name).collect();
        let numbers: HashSet<_> = BOOKS.iter().map(|book| book.gutenberg).collect();
        assert_eq!((names.len(), numbers.len()), (BOOKS.len(), BOOKS.len()));
        for book in BOOKS {
            assert!(book.name.starts_with(|c: char| c.is_ascii_lowercase()), "{}", book.name);
            assert!(book.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", book.name);
            assert!(book.size > 0 && book.language.len() == 2, "{}", book.name);
        }
        let languages: HashSet<_> = BOOKS.iter().map(|book| book.language).collect();
        assert!(languages.len() >= 8);
    }

    #[test]
    fn finds_by_name_title_and_number() {
        assert_eq!(find("Alice").unwrap().gutenberg, Some(11));
        assert_eq!(find("the great gatsby").unwrap().gutenberg, Some(64317));
        assert_eq!(by_number(2701).unwrap().name, "moby-dick");
        assert!(find("alic").is_none() && by_number(0).is_none());
    }

    #[test]
    fn misspelled_names_are_found_and_nonsense_is_not() {
        for (wrong, right) in [
            ("alcie", "alice"),
            ("gatbsy", "gatsby"),
            ("Sherlok", "sherlock"),
            ("moby-dik", "moby-dick"),
            ("whale", "moby-dick"),
        ] {
            assert_eq!(nearest(wrong).map(|book| book.name), Some(right), "{wrong}");
        }
        for wrong in ["qqqqqqq", "", "supercalifragilistic"] {
            assert_eq!(nearest(wrong), None, "{wrong}");
        }
    }
}
