extension String {
    /// Replaces single scalars. `replacing` compares Characters, and a quotation mark with an accent after it is another
    /// Character than a quotation mark alone, as is a line feed after a carriage return: it would be left as it is.
    package func replacing(scalars replacements: [Unicode.Scalar: String]) -> String {
        guard unicodeScalars.contains(where: { replacements[$0] != nil }) else { return self }
        var replaced = ""
        for scalar in unicodeScalars {
            if let replacement = replacements[scalar] {
                replaced += replacement
            } else {
                replaced.unicodeScalars.append(scalar)
            }
        }
        return replaced
    }
}
