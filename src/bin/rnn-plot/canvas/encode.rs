//! Encodes pixels as a small PNG file.

use std::collections::{HashMap, HashSet};

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter, PixelDimensions, Unit};

type Rgb = [u8; 3];

const METRES_PER_INCH: f64 = 0.0254;

/// Encodes `pixels` (RGB, row by row) with a palette, which halves the file size.
pub fn png(pixels: &[u8], (width, height): (u32, u32), dpi: f64) -> Result<Vec<u8>, EncodingError> {
    let (colors, indices) = palette(pixels.as_chunks().0);
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(ColorType::Indexed);
    encoder.set_palette(colors.concat());
    let density = (dpi / METRES_PER_INCH).round() as u32;
    encoder.set_pixel_dims(Some(PixelDimensions { xppu: density, yppu: density, unit: Unit::Meter }));
    encoder.set_compression(Compression::Balanced);
    encoder.set_filter(Filter::NoFilter); // must follow `set_compression`, which sets a filter
    encoder.write_header()?.write_image_data(&indices)?;
    Ok(file)
}

/// Returns the 256 most frequent colours and the index of each pixel's colour. All other colours come from edges where
/// three colours meet; replacing them by the nearest one makes no visible difference.
fn palette(pixels: &[Rgb]) -> (Vec<Rgb>, Vec<u8>) {
    let mut counts: HashMap<Rgb, usize> = HashMap::new();
    let mut colors = Vec::new();
    for run in pixels.chunk_by(|a, b| a == b) {
        let count = counts.entry(run[0]).or_insert_with(|| {
            colors.push(run[0]);
            0
        });
        *count += run.len();
    }
    let mut kept = colors.clone();
    if kept.len() > 256 {
        kept.sort_by_key(|color| std::cmp::Reverse(counts[color]));
        kept.truncate(256);
        // in order of appearance, so that adjacent pixels have close indices, which compress better
        let frequent: HashSet<Rgb> = kept.iter().copied().collect();
        kept = colors.iter().copied().filter(|color| frequent.contains(color)).collect();
    }
    let nearest = |color: &Rgb| {
        let distance = |other: &Rgb| -> u32 { (0..3).map(|i| u32::from(color[i].abs_diff(other[i])).pow(2)).sum() };
        (0..kept.len()).min_by_key(|&i| distance(&kept[i])).expect("a picture has pixels") as u8
    };
    let places: HashMap<Rgb, u8> = colors.iter().map(|color| (*color, nearest(color))).collect();

    let mut indices = Vec::with_capacity(pixels.len());
    for run in pixels.chunk_by(|a, b| a == b) {
        indices.resize(indices.len() + run.len(), places[&run[0]]);
    }
    (kept, indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(file: &[u8]) -> Vec<u8> {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        pixels
    }

    #[test]
    fn few_colours_are_kept_exactly() {
        let pixels: Vec<u8> = (0..300).flat_map(|i| [(i % 256) as u8, 7, 255 - (i % 256) as u8]).collect();
        assert_eq!(decoded(&png(&pixels, (30, 10), 96.0).unwrap()), pixels);
    }

    #[test]
    fn the_most_frequent_of_many_colours_are_kept_exactly() {
        let common = [[255, 255, 255], [10, 20, 30]].repeat(400).concat();
        let rare: Vec<u8> = (0..450u32).flat_map(|i| [(i / 3) as u8, 99, (i % 3 / 2) as u8]).collect();
        let pixels = [common, rare].concat();
        let shown = decoded(&png(&pixels, (125, 10), 96.0).unwrap());
        assert_eq!(shown[..2400], pixels[..2400]);
        assert!(shown.iter().zip(&pixels).all(|(a, b)| a.abs_diff(*b) <= 1));
    }
}
