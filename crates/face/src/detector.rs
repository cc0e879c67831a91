//! Finding faces: `BlazeFace`, short range, 128 by 128 pixels.

use crate::{
    network::{Network, Tensor},
    picture::{Picture, Square, real},
};

const SIDE: usize = 128;
/// Places where the model looks for a face: a grid of cells, and how many faces begin in each.
const GRIDS: [(usize, usize); 2] = [(16, 2), (8, 6)];
const SURE: f32 = 0.5;
/// Two finds that share this much of their area are one face.
const SAME: f32 = 0.3;

/// A face found: its box and eyes, in the picture's pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) sure: f32,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
    /// The person's right eye, which is on the picture's left.
    eyes: [[f32; 2]; 2],
}

impl Found {
    fn area(&self) -> f32 {
        (self.right - self.left).max(0.0) * (self.bottom - self.top).max(0.0)
    }

    fn shares(&self, other: &Self) -> f32 {
        let width = (self.right.min(other.right) - self.left.max(other.left)).max(0.0);
        let height = (self.bottom.min(other.bottom) - self.top.max(other.top)).max(0.0);
        let both = width * height;
        both / (self.area() + other.area() - both).max(f32::EPSILON)
    }

    pub(crate) fn width(&self) -> f32 {
        self.right - self.left
    }

    /// The square in which the face's points are looked for.
    pub(crate) fn square(&self) -> Square {
        let [[x0, y0], [x1, y1]] = self.eyes;
        let side = (self.right - self.left).max(self.bottom - self.top) * 1.5;
        let (x, y) = (f32::midpoint(self.left, self.right), f32::midpoint(self.top, self.bottom));
        Square { x, y, side, turned: (y1 - y0).atan2(x1 - x0) }
    }
}

/// All faces, the surest first.
pub(crate) fn faces(model: &Network, picture: &Picture) -> Vec<Found> {
    let (width, height) = picture.size();
    let square = Square { x: width / 2.0, y: height / 2.0, side: width.max(height), turned: 0.0 };
    let outputs = model.run(picture.cut(square, SIDE, [-1.0, 1.0]));
    let [boxes, scores] = &outputs[..] else { return Vec::new() };
    let mut found = read(boxes, scores, square);
    found.sort_by(|a, b| b.sure.total_cmp(&a.sure));
    let mut kept: Vec<Found> = Vec::new();
    for face in found {
        if kept.iter().all(|other| other.shares(&face) < SAME) {
            kept.push(face);
        }
    }
    kept
}

fn read(boxes: &Tensor, scores: &Tensor, square: Square) -> Vec<Found> {
    let places = GRIDS.iter().flat_map(|&(cells, each)| {
        (0..cells * cells * each).map(move |at| {
            let (x, y) = (at / each % cells, at / each / cells);
            [x, y].map(|cell| (real(cell) + 0.5) / real(cells) * real(SIDE))
        })
    });
    let finds = scores.data.iter().zip(boxes.data.chunks_exact(16)).zip(places);
    finds
        .filter_map(|((score, numbers), [x, y])| {
            let sure = 1.0 / (1.0 + (-score.clamp(-80.0, 80.0)).exp());
            let point = |at: usize| square.back(numbers[at] + x, numbers[at + 1] + y, SIDE);
            let corner = |sign: f32| {
                square.back(
                    numbers[0] + x + sign * numbers[2] / 2.0,
                    numbers[1] + y + sign * numbers[3] / 2.0,
                    SIDE,
                )
            };
            let ([left, top], [right, bottom]) = (corner(-1.0), corner(1.0));
            let eyes = [point(4), point(6)];
            (sure >= SURE).then_some(Found { sure, left, top, right, bottom, eyes })
        })
        .collect()
}
