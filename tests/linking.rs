//! Only rnn-train-libtorch links libtorch: what the dynamic sections of the built programs say.
#![cfg(target_os = "linux")]

use std::fs;

/// The names of the libraries that a 64-bit little-endian ELF file needs (DT_NEEDED).
fn needed(path: &str) -> Vec<String> {
    const PT_LOAD: u64 = 1;
    const PT_DYNAMIC: u64 = 2;
    const DT_NEEDED: u64 = 1;
    const DT_STRTAB: u64 = 5;
    let file = fs::read(path).unwrap();
    assert_eq!(&file[..6], b"\x7fELF\x02\x01", "{path} is not a 64-bit little-endian ELF file");
    let number = |at: usize, bytes: usize| {
        file[at..at + bytes].iter().rev().fold(0u64, |value, &byte| value << 8 | u64::from(byte))
    };
    let (table, size, count) = (number(32, 8) as usize, number(54, 2) as usize, number(56, 2) as usize);
    // Type, offset in the file, address, bytes in the file.
    let segments: Vec<[u64; 4]> = (0..count)
        .map(|i| table + i * size)
        .map(|at| [number(at, 4), number(at + 8, 8), number(at + 16, 8), number(at + 32, 8)])
        .collect();
    let [_, start, _, bytes] = segments.iter().find(|s| s[0] == PT_DYNAMIC).copied().unwrap();
    let entries: Vec<(u64, u64)> = (start..start + bytes)
        .step_by(16)
        .map(|at| (number(at as usize, 8), number(at as usize + 8, 8)))
        .take_while(|entry| entry.0 != 0)
        .collect();
    let address = entries.iter().find(|entry| entry.0 == DT_STRTAB).unwrap().1;
    let segment = segments.iter().find(|s| s[0] == PT_LOAD && (s[2]..s[2] + s[3]).contains(&address)).unwrap();
    let strings = (address - segment[2] + segment[1]) as usize;
    let text = |offset: u64| {
        let from = strings + offset as usize;
        let end = from + file[from..].iter().position(|&byte| byte == 0).unwrap();
        String::from_utf8(file[from..end].to_vec()).unwrap()
    };
    entries.iter().filter(|entry| entry.0 == DT_NEEDED).map(|entry| text(entry.1)).collect()
}

#[test]
fn the_commands_do_not_need_libtorch() {
    for program in [
        env!("CARGO_BIN_EXE_rnn-gen"),
        env!("CARGO_BIN_EXE_rnn-fetch"),
        env!("CARGO_BIN_EXE_rnn-info"),
        env!("CARGO_BIN_EXE_rnn-prep"),
        env!("CARGO_BIN_EXE_rnn-serve"),
        env!("CARGO_BIN_EXE_rnn-plot"),
        #[cfg(feature = "train")]
        env!("CARGO_BIN_EXE_rnn-train"),
    ] {
        let libraries = needed(program);
        assert!(libraries.iter().any(|name| name.starts_with("libc.so")), "{libraries:?}");
        assert!(!libraries.iter().any(|name| name.contains("torch") || name.contains("c10")), "{libraries:?}");
    }
}

/// It needs the CPU half only: one program for machines with and without a GPU.
#[cfg(feature = "train")]
#[test]
fn rnn_train_needs_the_cpu_half_of_libtorch() {
    let libraries = needed(env!("CARGO_BIN_EXE_rnn-train-libtorch"));
    assert!(libraries.iter().any(|name| name == "libtorch_cpu.so"), "{libraries:?}");
    assert!(!libraries.iter().any(|name| name.contains("cuda") || name == "libtorch.so"), "{libraries:?}");
}
