package import HTTPKit
package import LLM
package import Metering

/// How refusals name a model.
package enum ModelRefusal {
    package static func subject(_ choice: ModelChoice) -> String {
        choice.provider == WebhookProvider.usualName ? "This chatbot's own endpoint" : "The model '\(choice.model)'"
    }
}

extension Providers {
    /// Throws what a caller can act on if no model of the choice can take the request, before anything is stored or
    /// reserved.
    ///
    /// - Parameter text: the caller's name of the field that holds the text.
    package func requireTaken(_ request: ChatRequest, by choice: ModelChoice, text: String) throws(APIError) {
        guard let refusal = gateway.refusal(of: request, via: choice.targets) else { return }
        let model = ModelRefusal.subject(choice)
        switch refusal {
        case .picture:
            throw APIError(.unsupportedInput, "\(model) takes text only, and no pictures or files.", param: text)
        case .document(let name):
            throw APIError(
                .unsupportedInput, "\(model) takes no PDF files: '\(name)' cannot be sent to it.",
                bengali: "এই মডেল PDF ফাইল নেয় না: '\(name)' একে পাঠানো যায় না।", param: text)
        case .field(let name):
            throw APIError(.unsupportedInput, "\(model) does not take '\(name)'.", param: name)
        case .tools: throw APIError(.unsupportedInput, "\(model) takes no tools.", param: "tools")
        case .tool(let index):
            throw APIError(
                .unsupportedInput,
                "\(model) takes no tools but functions: 'tools[\(index)]' is not of the type 'function', or has no name.",
                param: "tools[\(index)]")
        case .tooLong(let window):
            throw APIError(
                .messageTooLong,
                "\(model) holds \(window) tokens, and the message and the chatbot's prompt do not fit. Shorten it.",
                param: text)
        }
    }
}
