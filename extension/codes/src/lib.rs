//! QR codes for the popup and the full page, a module of its own because few ever need it.
//!
//! ```text
//! draw(text: string): string                                        the `d` of an SVG path, a unit for each module
//! side(text: string): number                                        how many modules wide and high that is
//! read(width: number, height: number, pixels: Uint8Array): string[] what the codes of a picture say, at most four
//! ```
//! `pixels`: red, green, blue, opacity, a byte each, row by row, as a canvas has them. Around a drawn code four modules stay
//! empty.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};
use rqrr::PreparedImage;
use wasm_bindgen::prelude::wasm_bindgen;

/// Empty modules around a code (ISO/IEC 18004).
const QUIET: i32 = 4;
/// Pixels of a picture: looking for codes takes time and memory by them.
const PIXELS_MAX: usize = 4_000_000;
/// Codes of a picture that are read.
const CODES_MAX: usize = 4;

/// The code of a text, as the `d` of a path; empty for a text that no code holds.
#[wasm_bindgen]
pub fn draw(text: &str) -> String {
    let Some(code) = encode(text) else {
        return String::new();
    };
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let dark = (x..code.size()).take_while(|at| code.get_module(*at, y));
            let run = i32::try_from(dark.count()).unwrap_or_default();
            if run > 0 {
                // Cannot fail: it writes to memory.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run + 1;
        }
    }
    path
}

/// How wide and high it is, with what stays empty around it; 0 for a text that no code holds.
#[wasm_bindgen]
pub fn side(text: &str) -> i32 {
    encode(text).map_or(0, |code| code.size() + 2 * QUIET)
}

/// What the codes of a picture say; nothing where it is larger than it may be, or not of that size.
#[wasm_bindgen]
pub fn read(width: usize, height: usize, pixels: &[u8]) -> Vec<String> {
    let size = width.checked_mul(height).filter(|size| *size <= PIXELS_MAX);
    if size.and_then(|size| size.checked_mul(4)) != Some(pixels.len()) {
        return Vec::new();
    }
    let grey = |x: usize, y: usize| {
        let at = (y * width + x) * 4;
        match pixels.get(at..at + 3) {
            Some([red, green, blue]) => luma(*red, *green, *blue),
            _ => 0,
        }
    };
    let mut image = PreparedImage::prepare_from_greyscale(width, height, grey);
    let grids = image.detect_grids();
    let texts = grids.iter().filter_map(|grid| grid.decode().ok());
    texts.map(|(_, text)| text).take(CODES_MAX).collect()
}

fn encode(text: &str) -> Option<QrCode> {
    QrCode::encode_text(text, QrCodeEcc::Medium).ok()
}

/// How bright the eye takes a colour for (ITU-R BT.601).
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    u8::try_from(sum / 1000).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "PEARVAULT:SAFETY:2:012345678901234567890123456789012345678901234567890123456789";

    /// A picture of a drawn code, so many pixels for each module, dark and light as given.
    fn painted(path: &str, side: usize, scale: usize, [dark, light]: [u8; 2]) -> Vec<u8> {
        let mut modules = vec![false; side * side];
        for run in path.split('M').skip(1) {
            let numbers: Vec<usize> = run
                .split(|c: char| !c.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect();
            if let [x, y, length, ..] = numbers[..] {
                for at in x..x + length {
                    modules[y * side + at] = true;
                }
            }
        }
        let mut pixels = Vec::new();
        for y in 0..side * scale {
            for x in 0..side * scale {
                let is_dark = modules[y / scale * side + x / scale];
                let grey = if is_dark { dark } else { light };
                pixels.extend([grey, grey, grey, 255]);
            }
        }
        pixels
    }

    #[test]
    fn what_is_drawn_is_read_again() {
        let (path, side) = (draw(TEXT), usize::try_from(side(TEXT)).unwrap_or_default());
        assert_eq!(side, 33 + 8);
        for (scale, colours) in [(3, [0, 255]), (7, [60, 200]), (20, [0, 255])] {
            let pixels = painted(&path, side, scale, colours);
            let found = read(side * scale, side * scale, &pixels);
            assert_eq!(found, [TEXT], "{scale}");
        }
    }

    #[test]
    fn a_code_that_is_hurt_is_mended_or_not_read() {
        let (path, side) = (draw(TEXT), usize::try_from(side(TEXT)).unwrap_or_default());
        let scale = 4;
        let whole = painted(&path, side, scale, [0, 255]);
        // A white spot of so many modules a side in the middle.
        for (spot, is_read) in [(0, true), (3, true), (16, false)] {
            let mut hurt = whole.clone();
            for y in 20 * scale..(20 + spot) * scale {
                let from = (y * side * scale + 20 * scale) * 4;
                hurt[from..from + spot * scale * 4].fill(255);
            }
            let found = read(side * scale, side * scale, &hurt);
            assert!(found.is_empty() || found == [TEXT], "{spot}: {found:?}");
            assert_eq!(!found.is_empty(), is_read, "{spot}");
        }
    }

    #[test]
    fn pictures_of_nothing_and_of_no_size_are_read_as_nothing() {
        for (width, height, bytes) in [
            (0, 0, 0),
            (10, 10, 400),
            (10, 10, 399),
            (usize::MAX, 2, 8),
            (1 << 20, 1 << 20, 4),
            (2001, 2000, 2001 * 2000 * 4),
        ] {
            assert!(read(width, height, &vec![127; bytes]).is_empty(), "{width}");
        }
    }

    #[test]
    fn a_text_that_no_code_holds_is_drawn_as_nothing() {
        let long = "x".repeat(5_000);
        assert_eq!((draw(&long).as_str(), side(&long)), ("", 0));
    }
}
