/// The credential of an `Authorization` header, as RFC 6750 writes it: the scheme in any case, one or more spaces, and the
/// token. Blanks around the whole mean nothing (RFC 9110, 5.5).
package enum BearerToken {
    /// Nil if the header has another scheme, or no token.
    package static func credential(in authorization: String) -> Substring? {
        let value = authorization[...].withoutOptionalSpace
        let scheme = value.prefix { $0 != " " }
        guard scheme.utf8.count == 6, scheme.lowercased() == "bearer" else { return nil }
        let token = value[scheme.endIndex...].drop { $0 == " " }
        return token.isEmpty ? nil : token
    }
}

extension Substring {
    /// Without the spaces and tabs that HTTP allows around a value (RFC 9110, 5.6.3).
    package var withoutOptionalSpace: Substring {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        var text = drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }
}
