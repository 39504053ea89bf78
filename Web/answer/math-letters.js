/// Where the letters of a style begin in Unicode: capital, small, digit.
const STYLES = {
    bold: [0x1d400, 0x1d41a, 0x1d7ce],
    italic: [0x1d434, 0x1d44e],
    "bold-italic": [0x1d468, 0x1d482],
    script: [0x1d49c, 0x1d4b6],
    fraktur: [0x1d504, 0x1d51e],
    "double-struck": [0x1d538, 0x1d552, 0x1d7d8],
    "sans-serif": [0x1d5a0, 0x1d5ba, 0x1d7e2],
    "bold-sans-serif": [0x1d5d4, 0x1d5ee, 0x1d7ec],
    monospace: [0x1d670, 0x1d68a, 0x1d7f6],
};
/// Those that Unicode had before it had the others.
const OLDER = {
    italic: { h: "ℎ" },
    script: { B: "ℬ", E: "ℰ", F: "ℱ", H: "ℋ", I: "ℐ", L: "ℒ", M: "ℳ", R: "ℛ", e: "ℯ", g: "ℊ", o: "ℴ" },
    fraktur: { C: "ℭ", H: "ℌ", I: "ℑ", R: "ℜ", Z: "ℨ" },
    "double-struck": { C: "ℂ", H: "ℍ", N: "ℕ", P: "ℙ", Q: "ℚ", R: "ℝ", Z: "ℤ" },
};

/// `text` in the letters of a MathML variant, which browsers no longer choose by the attribute.
export function styled(text, variant) {
    const starts = STYLES[variant];
    if (!starts) return text;
    return text.replace(/[A-Za-z0-9]/g, (letter) => {
        const [first, start] = letter <= "9" ? ["0", starts[2]] : letter <= "Z" ? ["A", starts[0]] : ["a", starts[1]];
        if (start === undefined) return letter;
        return OLDER[variant]?.[letter] ?? String.fromCodePoint(start + letter.charCodeAt(0) - first.charCodeAt(0));
    });
}
