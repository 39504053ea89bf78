/// What may be in a name that others read: of a workspace, a chatbot, an operator, a key.
package enum NameText {
    /// Says what is wrong with the name; nil if nothing is.
    ///
    /// Refused are control characters, characters that turn the direction of what follows, and characters that show nothing,
    /// by which two names could look the same or one like none. Joiners and variation selectors stay if a script or an
    /// emoji needs them.
    package static func problem(_ name: String) -> String? {
        var previous: Unicode.Scalar?
        var hasVisible = false
        for scalar in name.unicodeScalars {
            let properties = scalar.properties
            switch properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate:
                return "must be one line without control characters"
            case .unassigned where properties.isNoncharacterCodePoint:
                return "must not contain invisible characters"
            default: break
            }
            if properties.isBidiControl { return "must not contain characters that change the direction of text" }
            if properties.isDefaultIgnorableCodePoint || isBlank(scalar) {
                guard isAllowed(scalar, after: previous) else { return "must not contain invisible characters" }
            } else if isVisible(properties) {
                hasVisible = true
            }
            previous = scalar
        }
        return hasVisible ? nil : "must have a letter, a digit or another visible character"
    }

    /// Blank, and yet neither white space nor ignorable.
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        // BRAILLE PATTERN BLANK, MUSICAL SYMBOL NULL NOTEHEAD.
        scalar.value == 0x2800 || scalar.value == 0x1D159
    }

    private static func isVisible(_ properties: Unicode.Scalar.Properties) -> Bool {
        switch properties.generalCategory {
        case .spaceSeparator, .nonspacingMark, .spacingMark, .enclosingMark, .format, .control: false
        default: true
        }
    }

    /// Whether an ignorable character has a meaning at this place.
    private static func isAllowed(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?) -> Bool {
        guard let previous else { return false }
        switch scalar.value {
        case 0x200C: return joins(previous)
        // Within an emoji such as a family, too.
        case 0x200D: return joins(previous) || isPictograph(previous)
        // Text or emoji presentation, and East Asian or Myanmar variants.
        case 0xFE00...0xFE0F:
            return isPictograph(previous) || previous.properties.isIdeographic || previous.properties.isEmoji
                || (0x1000...0x109F).contains(previous.value)
        case 0xE0100...0xE01EF: return previous.properties.isIdeographic
        case 0x180B...0x180F: return (0x1820...0x18AA).contains(previous.value)
        // A flag's tags.
        case 0xE0020...0xE007F: return previous.value == 0x1F3F4 || (0xE0020...0xE007E).contains(previous.value)
        default: return false
        }
    }

    /// Whether it is a joiner or non-joiner that changes how the text around it is written.
    package static func isJoiner(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?) -> Bool {
        (scalar.value == 0x200C || scalar.value == 0x200D) && isAllowed(scalar, after: previous)
    }

    private static func isPictograph(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0xFE0F
            || scalar.value > 0xFF && (scalar.properties.isEmoji || scalar.properties.isEmojiModifier)
    }

    /// Whether it is of a script whose letters join, so that joiners mean something after it: Arabic, Syriac, N'Ko,
    /// Mandaic, the scripts of India, Sri Lanka, Tibet, Myanmar and Cambodia, and Mongolian.
    private static func joins(_ scalar: Unicode.Scalar) -> Bool {
        let isLetter =
            switch scalar.properties.generalCategory {
            case .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark: true
            default: false
            }
        guard isLetter else { return false }
        return switch scalar.value {
        case 0x0600...0x08FF, 0x0900...0x0DFF, 0x0F00...0x109F, 0x1780...0x18AF, 0xA840...0xA8FF, 0xFB50...0xFDFF,
            0xFE70...0xFEFE, 0x1_0A00...0x1_0FFF, 0x1_1000...0x1_1FFF:
            true
        default: false
        }
    }
}
