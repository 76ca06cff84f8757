//! The fonts of pictures: DejaVu Sans, which is part of the program, and the system's fonts for characters that it lacks.
//! SVGs are laid out with the same widths: DejaVu is a wide font, so the viewer's own font fits too.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use resvg::usvg::fontdb::{Database, FaceInfo, ID, Source, Style, Weight};
use resvg::usvg::{FontResolver, Options};
use rustc_hash::FxHashMap;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use unicode_script::{Script, UnicodeScript};

use super::Font;

static FONTS: LazyLock<Mutex<Fonts>> = LazyLock::new(|| Mutex::new(Fonts::new()));

struct Fonts {
    database: Arc<Database>,
    /// DejaVu Sans, regular and bold.
    faces: [ID; 2],
    has_system_fonts: bool,
    /// The face and the advance width, in em, of each character in regular or bold text; None if no font has it.
    glyphs: FxHashMap<(char, bool), Option<(ID, f64)>>,
}

impl Fonts {
    fn new() -> Self {
        let mut database = Database::new();
        let faces = [dejavu::sans::regular(), dejavu::sans::bold()]
            .map(|font| database.load_font_source(Source::Binary(Arc::new(font)))[0]);
        Self { database: Arc::new(database), faces, has_system_fonts: false, glyphs: FxHashMap::default() }
    }

    fn glyph(&mut self, c: char, bold: bool) -> Option<(ID, f64)> {
        if let Some(&glyph) = self.glyphs.get(&(c, bold)) {
            return glyph;
        }
        let own = self.faces[usize::from(bold)];
        let glyph = advance(&self.database, own, c).map(|width| (own, width)).or_else(|| self.fallback(c, bold));
        self.glyphs.insert((c, bold), glyph);
        glyph
    }

    /// Finds a character in the system's fonts, preferably in a sans-serif one of the right weight.
    fn fallback(&mut self, c: char, bold: bool) -> Option<(ID, f64)> {
        if !self.has_system_fonts {
            Arc::make_mut(&mut self.database).load_system_fonts();
            self.has_system_fonts = true;
        }
        let wanted = if bold { Weight::BOLD } else { Weight::NORMAL };
        let is_serif = |face: &FaceInfo| face.families.iter().any(|(name, _)| name.contains("Serif"));
        let rank = |face: &FaceInfo| (face.style != Style::Normal, is_serif(face), face.weight != wanted);
        let mut faces: Vec<_> = self.database.faces().map(|face| (rank(face), face.id)).collect();
        faces.sort_by_key(|(rank, _)| *rank);
        faces.into_iter().find_map(|(_, id)| Some((id, advance(&self.database, id, c)?)))
    }
}

/// Returns the advance width of a character, in em, or None if the face does not contain it.
fn advance(database: &Database, face: ID, c: char) -> Option<f64> {
    let of = |data: &[u8], index| {
        let font = FontRef::from_index(data, index).ok()?;
        let glyph = font.charmap().map(c)?;
        let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let units = font.metrics(Size::unscaled(), LocationRef::default()).units_per_em;
        Some(f64::from(metrics.advance_width(glyph)?) / f64::from(units))
    };
    database.with_face_data(face, of)?
}

fn fonts() -> MutexGuard<'static, Fonts> {
    FONTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The advance width of a text, in pixels, before its characters are joined or composed.
pub fn width(font: Font, text: &str) -> f64 {
    let mut fonts = fonts();
    let width = |c| fonts.glyph(c, font.bold).map_or(1.0, |(_, width)| width);
    text.chars().filter(|c| !c.is_control()).map(width).sum::<f64>() * font.size
}

/// Returns the settings with which usvg lays out SVGs that contain these texts.
pub fn options<'t>(texts: impl Iterator<Item = (&'t str, Font)>) -> Options<'static> {
    let mut fonts = fonts();
    for (text, font) in texts {
        for c in text.chars() {
            fonts.glyph(c, font.bold);
        }
    }
    let faces = fonts.faces;
    let select_font = move |font: &resvg::usvg::Font, _: &mut _| Some(faces[usize::from(font.weight() >= 600)]);
    let select_fallback = move |c: char, used: &[ID], _: &mut _| {
        let bold = used.first() == Some(&faces[1]);
        self::fonts().glyph(c, bold).map(|(id, _)| id).filter(|id| !used.contains(id))
    };
    Options {
        fontdb: Arc::clone(&fonts.database),
        font_resolver: FontResolver { select_font: Box::new(select_font), select_fallback: Box::new(select_fallback) },
        ..Options::default()
    }
}

/// Warns of characters that no font contains, in the texts measured or drawn so far.
pub fn warn_of_missing() {
    let fonts = fonts();
    let missing: BTreeSet<char> =
        fonts.glyphs.iter().filter(|(_, glyph)| glyph.is_none()).map(|(key, _)| key.0).collect();
    let visible = |c: &char| !c.is_control() && !c.is_whitespace();
    let Some(&first) = missing.iter().find(|c| visible(c)) else { return };
    let scripts: BTreeSet<&str> = missing.iter().map(|c| c.script().full_name()).collect();
    let package = match first.script() {
        Script::Han | Script::Hiragana | Script::Katakana | Script::Hangul | Script::Bopomofo => "fonts-noto-cjk",
        Script::Common | Script::Inherited => "fonts-noto-color-emoji and fonts-symbola",
        _ => "fonts-noto-core",
    };
    log::warn!(
        "no font has {first:?}{} ({}): boxes are drawn; Debian's package {package} has them",
        if missing.len() > 1 { format!(" and {} more characters", missing.len() - 1) } else { String::new() },
        scripts.into_iter().collect::<Vec<_>>().join(", "),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGULAR: Font = Font { size: 20.0, bold: false };

    #[test]
    fn widths_are_those_of_the_font() {
        assert!(('0'..='9').all(|c| width(REGULAR, &c.to_string()) == width(REGULAR, "8")));
        assert_eq!(width(Font { size: 40.0, ..REGULAR }, "Word"), 2.0 * width(REGULAR, "Word"));
        assert!(width(Font { bold: true, ..REGULAR }, "Word") > width(REGULAR, "Word"));
    }

    #[test]
    fn the_font_of_the_program_has_the_scripts_of_europe_and_the_near_east() {
        let mut fonts = Fonts::new();
        for c in "aéßłőșğĐđượằαΩЖїქԱשع“—↵".chars() {
            assert_eq!(fonts.glyph(c, false).map(|(face, _)| face), Some(fonts.faces[0]), "{c}");
        }
    }

    #[test]
    fn a_character_of_no_font_is_as_wide_as_a_box() {
        assert_eq!(width(REGULAR, "\u{10fff0}"), 20.0);
    }
}
