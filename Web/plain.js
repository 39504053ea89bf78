/// A text without the differences that do not count when a name is looked for: case, accents and the like.
export const plain = (text) => text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();
