import HTTPKit

/// The words of a mail, from which its plain text and its HTML are made alike.
package struct MailContent: Sendable, Equatable {
    package struct Link: Sendable, Equatable {
        package let text: String
        package let address: String
    }

    package let subject: String
    package let language: MailJob.Language
    package let paragraphs: [String]
    package let link: Link
    /// What comes after the link.
    package let closing: [String]

    package var text: String {
        (paragraphs + ["\(link.text):\n\(link.address)"] + closing + ["Mynah"]).joined(separator: "\n\n") + "\n"
    }

    /// Nothing in it is fetched from anywhere.
    package var html: String {
        func lines(_ paragraphs: [String]) -> String {
            paragraphs.map { "<p>\(Self.escaped($0))</p>" }.joined(separator: "\n")
        }
        let address = Self.escaped(link.address)
        return """
            <!DOCTYPE html>
            <html lang="\(language.rawValue)">
            <head><meta charset="utf-8"><title>\(Self.escaped(subject))</title></head>
            <body style="font-family: sans-serif; line-height: 1.5; max-width: 36em; margin: 2em auto; padding: 0 1em">
            \(lines(paragraphs))
            <p><a href="\(address)">\(Self.escaped(link.text))</a></p>
            <p style="word-break: break-all; font-size: 0.85em">\(address)</p>
            \(lines(closing))
            <p>Mynah</p>
            </body>
            </html>

            """
    }

    package static func escaped(_ text: String) -> String {
        text.replacing(scalars: [
            "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;",
        ])
    }
}
