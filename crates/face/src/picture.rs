//! Pictures, and pieces cut out of them.

use crate::network::Tensor;

/// A picture: three bytes a pixel, row by row.
#[derive(Clone)]
pub struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

/// Why bytes are no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a picture of this size does not have so many bytes, or is too small or too large")]
pub struct NoPicture;

/// A square of a picture, turned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Square {
    /// Its middle, pixels.
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Its side, pixels.
    pub(crate) side: f32,
    /// How far it is turned clockwise, radians.
    pub(crate) turned: f32,
}

impl Picture {
    /// Fewest and most pixels of a side.
    pub const SIDE: std::ops::RangeInclusive<usize> = 32..=8192;

    /// From red, green and blue, row by row.
    ///
    /// # Errors
    /// The bytes are not as many as the size says, or a side is outside [`Picture::SIDE`].
    pub fn new(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self, NoPicture> {
        let fits =
            Self::SIDE.contains(&width) && Self::SIDE.contains(&height) && rgb.len() == width * height * 3;
        if fits { Ok(Self { width, height, rgb }) } else { Err(NoPicture) }
    }

    /// Pixels from left to right.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels from top to bottom.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Its bytes: red, green, blue, row by row.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    pub(crate) fn size(&self) -> (f32, f32) {
        (real(self.width), real(self.height))
    }

    /// The colour of a pixel; black outside.
    fn pixel(&self, x: i64, y: i64) -> [f32; 3] {
        let inside = |at: i64, size: usize| usize::try_from(at).ok().filter(|at| *at < size);
        match (inside(x, self.width), inside(y, self.height)) {
            (Some(x), Some(y)) => {
                let at = (y * self.width + x) * 3;
                [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]].map(f32::from)
            }
            _ => [0.0; 3],
        }
    }

    /// The colour at a point between pixels, 0 to 255.
    fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let (left, top) = (x.floor(), y.floor());
        let (right, down) = (x - left, y - top);
        let (left, top) = (whole(left), whole(top));
        let mix = |a: [f32; 3], b: [f32; 3], share: f32| {
            [0, 1, 2].map(|colour| a[colour] + (b[colour] - a[colour]) * share)
        };
        mix(
            mix(self.pixel(left, top), self.pixel(left + 1, top), right),
            mix(self.pixel(left, top + 1), self.pixel(left + 1, top + 1), right),
            down,
        )
    }

    /// A square of it as a model's input of `side` pixels; 0 to 255 becomes `from` to `to`.
    pub(crate) fn cut(&self, square: Square, side: usize, [from, to]: [f32; 2]) -> Tensor {
        let mut cut = Tensor::new(side, side, 3);
        let scale = square.side / real(side);
        // Where many pixels become one, a few of them are asked, not one.
        let asked = if scale > 3.0 {
            3
        } else if scale > 1.5 {
            2
        } else {
            1
        };
        let (sin, cos) = square.turned.sin_cos();
        let share = (to - from) / 255.0 / real(asked * asked);
        for (at, pixel) in cut.data.chunks_exact_mut(3).enumerate() {
            pixel.fill(from);
            for sub in 0..asked * asked {
                let part = |at: usize, sub: usize| {
                    (real(at) + (real(sub) + 0.5) / real(asked)) * scale - square.side / 2.0
                };
                let (dx, dy) = (part(at % side, sub % asked), part(at / side, sub / asked));
                let (x, y) = (square.x + dx * cos - dy * sin, square.y + dx * sin + dy * cos);
                for (value, colour) in pixel.iter_mut().zip(self.at(x - 0.5, y - 0.5)) {
                    *value += colour * share;
                }
            }
        }
        cut
    }

    /// Its luma (ITU-R BT.601) in an upright rectangle, seen `width` by `height` pixels large.
    pub(crate) fn luma(&self, [left, top, right, bottom]: [f32; 4], width: usize, height: usize) -> Vec<f32> {
        self.colours([left, top, right, bottom], width, height).map(luma).collect()
    }

    /// Its colours in an upright rectangle, `width` by `height` samples, row by row.
    pub(crate) fn colours(
        &self,
        [left, top, right, bottom]: [f32; 4],
        width: usize,
        height: usize,
    ) -> impl Iterator<Item = [f32; 3]> {
        (0..width * height).map(move |at| {
            let x = left + (right - left) * (real(at % width) + 0.5) / real(width);
            let y = top + (bottom - top) * (real(at / width) + 0.5) / real(height);
            self.at(x - 0.5, y - 0.5)
        })
    }
}

pub(crate) fn luma([red, green, blue]: [f32; 3]) -> f32 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

impl Square {
    /// A point of a model's input of `side` pixels, in the picture.
    pub(crate) fn back(&self, x: f32, y: f32, side: usize) -> [f32; 2] {
        let scale = self.side / real(side);
        let (dx, dy) = (x * scale - self.side / 2.0, y * scale - self.side / 2.0);
        let (sin, cos) = self.turned.sin_cos();
        [self.x + dx * cos - dy * sin, self.y + dx * sin + dy * cos]
    }
}

/// Sizes are below 2²⁴, which is what a 32-bit float counts exactly.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn real(count: usize) -> f32 {
    count as f32
}

#[allow(clippy::cast_possible_truncation)]
fn whole(value: f32) -> i64 {
    value as i64
}
