import JSON

/// What is known of what a model can take. Nothing is known of most: then nothing is refused.
package struct ModelLimits: Sendable, Equatable {
    package enum Tools: Sendable {
        /// All that the vendor may know, such as Anthropic's own that its clients run.
        case any
        /// Functions and custom tools.
        case standard
        /// Functions, and those of Anthropic's own that its clients run.
        case anthropic
        case functions, none
    }

    package var takesPictures: Bool
    /// Whether PDF files may be parts of messages.
    package var takesDocuments: Bool
    package var tools: Tools
    /// Tokens that the model reads and writes together; nil if it is not known.
    package var window: Int?
    package var tokens: LeastTokens
    /// The options that the vendor takes; nil if all are passed on.
    package var fields: Set<String>?

    package init(
        takesPictures: Bool = true, takesDocuments: Bool = false, tools: Tools = .any, window: Int? = nil,
        tokens: LeastTokens = LeastTokens(),
        fields: Set<String>? = nil
    ) {
        self.takesPictures = takesPictures
        self.takesDocuments = takesDocuments
        self.tools = tools
        self.window = window
        self.tokens = tokens
        self.fields = fields
    }

    /// Why the model cannot take the request; nil if it can, as far as is known.
    package func refusal(of request: ChatRequest) -> Refusal? {
        if !takesPictures, request.messages.contains(where: { $0.parts != nil && $0.hasOtherThanText }) {
            return .picture
        }
        if !takesDocuments, let name = request.messages.lazy.compactMap(\.documentName).first { return .document(name) }
        if tools != .any {
            for (index, tool) in (request.options["tools"]?.array ?? []).enumerated() {
                if tools == .none { return .tools }
                if tools == .standard, tool["type"] == "custom" { continue }
                if tools == .anthropic, tool["type"] != "function", tool["custom"] == nil { continue }
                if tool["type"] != "function" || tool["function"]?["name"]?.string == nil { return .tool(index) }
            }
        }
        if let fields {
            for (name, value) in request.options where !fields.contains(name) {
                if !RequestField.asksNothing(name, value) { return .field(name) }
            }
            if tools == .anthropic, let name = RequestField.withoutEquivalent(atAnthropic: request.options) {
                return .field(name)
            }
            if let part = RequestField.forbiddenPart(of: request.options) { return .field(part) }
        }
        guard let window, request.webhook == nil else { return nil }
        return tokens.exceed(window, in: request.messages) ? .tooLong(window: window) : nil
    }
}

/// What a model cannot take of a request.
package enum Refusal: Sendable, Equatable {
    /// A part of a message that is not text.
    case picture
    /// A PDF file, by its name.
    case document(String)
    /// A field that the vendor does not have, by its name.
    case field(String)
    /// No tools at all.
    case tools
    /// This one of the tools, by its index: it is no function.
    case tool(Int)
    case tooLong(window: Int)
}

extension ProviderError {
    init(_ refusal: Refusal) {
        switch refusal {
        case .picture: self.init(.refused, detail: "the model takes text only")
        case .document: self.init(.refused, detail: "the model takes no PDF files")
        case .field(let name): self.init(.refused, detail: "the vendor takes no \(name)")
        case .tools: self.init(.refused, detail: "the model takes no tools")
        case .tool: self.init(.refused, detail: "the model takes no tools but functions")
        case .tooLong(let window):
            self.init(.contextTooLong, detail: "the prompt cannot fit into \(window) tokens")
        }
    }
}

/// A lower bound of the tokens that a model makes of a text: what exceeds a window by it cannot fit.
package struct LeastTokens: Sendable, Equatable {
    /// Bytes of one token at most, white space aside. The longest tokens of the usual vocabularies have 128 characters.
    package var bytesPerToken: Int
    /// Whether no token reaches over white space between words.
    package var splitsWords: Bool

    package init(bytesPerToken: Int = 128, splitsWords: Bool = false) {
        self.bytesPerToken = bytesPerToken
        self.splitsWords = splitsWords
    }

    func exceed(_ limit: Int, in messages: [ChatMessage]) -> Bool {
        var least = 0
        for message in messages where !message.mayBeShortened {
            for text in message.texts {
                least += of(text, upTo: limit)
                if least > limit { return true }
            }
        }
        return false
    }

    /// Looks no further than to the first token beyond the limit. White space counts for nothing, as chat templates may
    /// trim it.
    package func of(_ text: String, upTo limit: Int = .max) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            var (solid, words, isInWord) = (0, 0, false)
            for byte in bytes {
                let isSpace = byte == 0x20 || (0x09...0x0D).contains(byte)
                if !isSpace {
                    solid += 1
                    if !isInWord { words += 1 }
                    if solid / bytesPerToken > limit || splitsWords && words > limit { break }
                }
                isInWord = !isSpace
            }
            let ofBytes = (solid + bytesPerToken - 1) / bytesPerToken
            return splitsWords ? max(words, ofBytes) : ofBytes
        }
    }
}

extension ChatMessage {
    /// Chat templates leave out a model's earlier thoughts.
    fileprivate var mayBeShortened: Bool { role == .assistant }

    fileprivate var texts: [String] {
        guard let parts = parts?.array else { return [parts?.string ?? content] }
        return parts.compactMap { $0["text"]?.string }
    }

    /// The name of the first PDF file in it.
    fileprivate var documentName: String? {
        parts?.array?.first { $0["type"] == "file" }.map { $0["file"]?["filename"]?.string ?? "file" }
    }

    fileprivate var hasOtherThanText: Bool {
        (parts?.array ?? []).contains { $0["text"]?.string == nil && $0["refusal"]?.string == nil }
    }
}
