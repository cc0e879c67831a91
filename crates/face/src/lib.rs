//! A face in a picture: found, measured, judged.
//!
//! Pure: pixels in, numbers and named faults out; no clock, no I/O, no randomness, one thread.
//!
//! * [`Eyes::look`] finds the face and measures it ([`Measures`]), by two small models (ADR 0013).
//! * [`gate`] names what is wrong with a photo, so that nobody waits for the IDEC to say so (Rules cl. 6.a).
//! * [`challenge`] judges, frame by frame, whether somebody turns their head as they are asked (Rules cl. 35.2, 35.3).
//!
//! What is claimed, and what is not: `docs/handbook/face.md`.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod challenge;
mod detector;
mod flat;
pub mod gate;
mod measure;
mod mesh;
mod network;
mod picture;
#[cfg(any(test, feature = "testing"))]
#[allow(clippy::unwrap_used)]
pub mod testing;

pub use measure::{Measures, SHAPE};
pub use picture::{NoPicture, Picture};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{mesh::Mesh, network::Network};

/// The two models, ready to look.
pub struct Eyes {
    detector: Network,
    mesh: Network,
}

/// The file of the models is not the one this program was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this file does not hold the face models that this program was made for")]
pub struct Unknown;

/// What is seen in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// No face.
    Nobody,
    /// More than one face.
    Several,
    /// One face.
    One(Measures),
}

/// A model inside the file, and its SHA-256.
struct Piece {
    bytes: std::ops::Range<usize>,
    sha256: [u8; 32],
}

const MESH: Piece = Piece {
    bytes: 2_495_952..3_737_848,
    sha256: hex(b"c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1"),
};
const DETECTOR: Piece = Piece {
    bytes: 3_757_224..3_986_256,
    sha256: hex(b"3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633"),
};

/// Below this the mesh is not of a face.
const SURE: f32 = 0.5;
/// A second face counts from this size on, as a share of the first: not a portrait on the wall behind.
const SECOND: f32 = 0.4;

impl Eyes {
    /// Most bytes of [`Eyes::read`]'s file.
    pub const FILE_BYTES_MAX: u64 = 8 << 20;

    /// Reads the models from `face_mesh_solution_packed_assets.data` of the npm package `@mediapipe/face_mesh`.
    ///
    /// # Errors
    /// A model in it does not have its hash.
    pub fn read(file: &[u8]) -> Result<Self, Unknown> {
        let piece = |piece: Piece| {
            let bytes = file.get(piece.bytes)?;
            (Sha256::digest(bytes)[..] == piece.sha256).then(|| Network::read(bytes))?
        };
        match (piece(DETECTOR), piece(MESH)) {
            (Some(detector), Some(mesh)) => Ok(Self { detector, mesh }),
            _ => Err(Unknown),
        }
    }

    /// Looks at a picture: some hundredths of a second of one core.
    #[must_use]
    pub fn look(&self, picture: &Picture) -> Seen {
        let faces = detector::faces(&self.detector, picture);
        let Some(first) = faces.first() else { return Seen::Nobody };
        if faces.iter().skip(1).any(|other| other.width() >= SECOND * first.width()) {
            return Seen::Several;
        }
        match Mesh::of(&self.mesh, picture, first.square()) {
            Some(mesh) if mesh.sure >= SURE => Seen::One(Measures::of(&mesh, picture)),
            _ => Seen::Nobody,
        }
    }
}

const fn hex(text: &[u8; 64]) -> [u8; 32] {
    const fn digit(byte: u8) -> u8 {
        if byte.is_ascii_digit() { byte - b'0' } else { byte - b'a' + 10 }
    }
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = digit(text[2 * at]) * 16 + digit(text[2 * at + 1]);
        at += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Tensor;

    /// The models, where `./x models` puts them.
    pub(crate) fn models() -> Vec<u8> {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/node_modules/@mediapipe/face_mesh/face_mesh_solution_packed_assets.data"
        );
        std::fs::read(path).expect("the face models: ./x models fetches them")
    }

    fn pattern(side: usize) -> Tensor {
        let mut tensor = Tensor::new(side, side, 3);
        for (at, value) in tensor.data.iter_mut().enumerate() {
            *value = picture::real(at * 7919 % 1000) / 1000.0;
        }
        tensor
    }

    #[test]
    fn the_models_say_what_they_say_in_the_runtime_they_were_made_for() {
        // What LiteRT 2.1 gives for the same input: the first numbers, the sum of all, the largest.
        let told: [(&[f32], f32, f32); 4] = [
            (&[92.377_25, 116.747_98, -9.622_231, 95.106_35, 102.589_19, -20.799_175], 88_631.16, 153.135_47),
            (&[-7.677_284_7], -7.677_284_7, 7.677_284_7),
            (
                &[1.195_960_3, -0.047_084_14, 28.467_365, 28.467_066, -3.048_177, -3.430_158_9],
                54_932.574,
                113.296_875,
            ),
            (&[-4.823_989_4, -3.880_190_1, -4.226_8, -3.461_171_4], -2_947.729_5, 28.950_676),
        ];
        let eyes = Eyes::read(&models()).unwrap();
        let said = [eyes.mesh.run(pattern(192)), eyes.detector.run(pattern(128))].concat();
        for (said, (first, sum, largest)) in said.iter().zip(told) {
            for (said, told) in said.data.iter().zip(first) {
                assert!((said - told).abs() < 2e-3, "{said} is not {told}");
            }
            assert!((said.data.iter().sum::<f32>() - sum).abs() < 0.5);
            assert!((said.data.iter().fold(0.0, |most: f32, v| most.max(v.abs())) - largest).abs() < 2e-3);
        }
    }

    #[test]
    fn another_file_is_not_taken_for_the_models() {
        let mut file = models();
        assert_eq!(Eyes::read(&file[..file.len() - 1]).err(), Some(Unknown));
        file[MESH.bytes.start + 1000] ^= 1;
        assert_eq!(Eyes::read(&file).err(), Some(Unknown));
        assert_eq!(Eyes::read(&[]).err(), Some(Unknown));
    }
}
