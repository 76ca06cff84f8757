//! Pixels into a small PNG file.

use std::collections::hash_map::{Entry, HashMap};

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};

/// Encodes `pixels` (RGB, row after row) with a palette if 256 colours are enough, else as they are.
pub fn png(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::High);
    match palette(pixels) {
        Some((colors, indices)) => {
            encoder.set_color(ColorType::Indexed);
            encoder.set_palette(colors);
            encoder.set_filter(Filter::NoFilter);
            encoder.write_header()?.write_image_data(&indices)?;
        }
        None => {
            encoder.set_color(ColorType::Rgb);
            encoder.set_filter(Filter::NoFilter);
            encoder.write_header()?.write_image_data(pixels)?;
        }
    }
    Ok(file)
}

/// The colours in order of appearance, and each pixel's place among them; none if there are too many.
fn palette(pixels: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut places: HashMap<[u8; 3], u8> = HashMap::new();
    let mut colors = Vec::new();
    let mut indices = Vec::with_capacity(pixels.len() / 3);
    let mut last = ([0; 3], None);
    for pixel in pixels.as_chunks::<3>().0 {
        if last.1.is_none() || last.0 != *pixel {
            let count = places.len();
            let place = match places.entry(*pixel) {
                Entry::Occupied(entry) => *entry.get(),
                Entry::Vacant(entry) => {
                    colors.extend_from_slice(pixel);
                    *entry.insert(u8::try_from(count).ok()?)
                }
            };
            last = (*pixel, Some(place));
        }
        indices.extend(last.1);
    }
    Some((colors, indices))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(file: &[u8]) -> (ColorType, Vec<u8>) {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let kind = reader.info().color_type;
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        (kind, pixels)
    }

    #[test]
    fn few_colours_take_a_palette_and_many_do_not() {
        let few: Vec<u8> = (0..3 * 300).map(|i| (i / 3 % 256) as u8).collect();
        let many: Vec<u8> = (0..300u32).flat_map(|i| [(i / 256) as u8, i as u8, 7]).collect();
        for (pixels, kind) in [(few, ColorType::Indexed), (many, ColorType::Rgb)] {
            assert_eq!(decoded(&png(&pixels, (30, 10)).unwrap()), (kind, pixels));
        }
    }
}
