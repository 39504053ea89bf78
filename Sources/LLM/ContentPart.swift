/// Kinds of content that a message may have, and what becomes of each at each kind of vendor.
package enum ContentPart: String, Sendable, CaseIterable {
    case text, picture
    /// A text file.
    case textFile
    /// A PDF file.
    case document

    package func treatment(at kind: VendorKind) -> FieldTreatment {
        switch (self, kind) {
        case (.text, .anthropic), (.picture, .anthropic), (.document, .anthropic): .translated
        case (.text, _): .passed
        case (.textFile, _): .translated
        case (.picture, .local), (.picture, .webhook): .refused
        case (.picture, _): .passed
        // The others have no such part, or would have it read at a price that is not known here.
        case (.document, .openAI): .translated
        case (.document, _): .refused
        }
    }
}
