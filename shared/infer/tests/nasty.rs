//! Texts that nobody should send: the pieces are those of the tokenizer that the models were trained with, and nothing panics.
//!
//! `models/train/nasty.py` makes the same texts from the same seed and left a digest of each hundred of them in `golden.json`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod models;

use models::Model;
use orilla_infer::MAX_BYTES;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// First code point, how many.
#[rustfmt::skip]
const ALPHABETS: [(u32, u32); 24] = [
    (0x20, 95), (0x61, 26), (0xA0, 96), (0x100, 256), (0x300, 112), (0x370, 400), (0x591, 350), (0x900, 128), (0xE01, 58), (0x00, 32), (0x200B, 5), (0x202A, 5),
    (0x2066, 4), (0xFEFF, 1), (0x4E00, 2000), (0x3041, 180), (0xAC00, 2000), (0x1F300, 700), (0xFE00, 16), (0xFF01, 94), (0x1D400, 500), (0xE0020, 95), (0xE000, 50), (0xFFFC, 2),
];
const WORDS: &str = "no me deja entrar contraseña ¿dónde está mi pedido? it won't let me in I've paid twice!! ñandú café naïve e-mail a@b.example https://x.example/?q=1 $1,299.50 10:30 don't l'été Straße ﬁn ½ İ";
const BLOCK: usize = 100;

/// Source: Knuth's MMIX generator; the same in Python.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(limit)).unwrap()
    }

    fn alphabet(&mut self) -> (u32, u32) {
        ALPHABETS[self.below(ALPHABETS.len() as u32) as usize]
    }

    fn character(&mut self, (first, count): (u32, u32)) -> char {
        char::from_u32(first + self.below(count)).unwrap()
    }

    fn text(&mut self, number: usize) -> String {
        if number.is_multiple_of(250) {
            let alphabet = self.alphabet();
            return (0..10_000).map(|_| self.character(alphabet)).collect();
        }
        let (kind, length) = (self.below(4), self.below(60));
        if kind == 0 {
            let alphabet = self.alphabet();
            return (0..length).map(|_| self.character(alphabet)).collect();
        }
        if kind == 1 {
            return (0..length).map(|_| self.mixed()).collect();
        }
        let all: Vec<&str> = WORDS.split(' ').collect();
        let words: Vec<&str> = (0..length).map(|_| all[self.below(all.len() as u32) as usize]).collect();
        if kind == 2 {
            return words.join(" ");
        }
        words.iter().map(|word| format!("{word}{}", self.mixed())).collect()
    }

    fn mixed(&mut self) -> char {
        let alphabet = self.alphabet();
        self.character(alphabet)
    }
}

#[test]
fn pieces_are_those_of_training() {
    for model in Model::all() {
        let mut random = Random(1);
        for (block, expected) in model.golden.nasty.iter().enumerate() {
            let mut digest = Sha256::new();
            for number in block * BLOCK..(block + 1) * BLOCK {
                let ids = model.encoder.ids(&random.text(number)).unwrap();
                digest.update((ids.len() as u32).to_le_bytes());
                ids.iter().for_each(|id| digest.update((*id as u32).to_le_bytes()));
            }
            let found: String = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(found, *expected, "{}: the texts from {}", model.name, block * BLOCK);
        }
    }
}

#[test]
fn nasty_texts_have_unit_vectors() {
    for model in Model::all() {
        let mut random = Random(2);
        for number in 1..60 {
            check(&model, &random.text(number));
        }
        check(&model, "");
        check(&model, &"é".repeat(MAX_BYTES));
        check(&model, &"¿qué? ".repeat(MAX_BYTES));
    }
}

#[track_caller]
fn check(model: &Model, text: &str) {
    for encoder in model.encoders() {
        let vector = encoder.encode(&[text]).unwrap();
        let norm: f32 = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        assert!((norm - 1.0).abs() < 1e-4, "{}: {text:?} has norm {norm}", model.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_has_pieces(text in any::<String>()) {
        let model = Model::shared();
        let ids = model.encoder.ids(&text).unwrap();
        prop_assert!((2..=128).contains(&ids.len()));
    }
}
