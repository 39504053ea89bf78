import Chatbots
import HTTPKit
import JSON
import Knowledge

/// The content of a message or of a tool's result.
struct ItemParts: Sendable {
    private(set) var text = ""
    /// The parts in the form of chat completions; nil if all of them are text.
    private(set) var chatParts: JSONValue?

    var isText: Bool { chatParts == nil }

    init(_ content: JSONValue?, _ place: String, _ files: ItemFiles) async throws {
        switch content {
        case .string(let text): self.text = text
        case .array(let given):
            var parts: [JSONValue] = []
            for (index, part) in given.enumerated() {
                parts.append(try await Self.part(part, "\(place)[\(index)]", files))
            }
            let texts = parts.compactMap { $0["text"]?.string }
            text = texts.joined(separator: "\n")
            if texts.count < parts.count { chatParts = .array(parts) }
        default: throw APIError.invalid(place, "'\(place)' must be a text or an array of parts.")
        }
    }

    private static func part(_ part: JSONValue, _ place: String, _ files: ItemFiles) async throws -> JSONValue {
        switch part["type"]?.string {
        case "output_text" where part["annotations"]?.array?.isEmpty == false:
            // Another answer has other sources, for which the numbers of these would be taken.
            if let text = part["text"]?.string {
                return ["type": "text", "text": .string(CitationScanner.stripped(text))]
            }
        case "input_text", "output_text", "text", "summary_text":
            if let text = part["text"]?.string { return ["type": "text", "text": .string(text)] }
        case "refusal": if let text = part["refusal"]?.string { return ["type": "text", "text": .string(text)] }
        case "input_image": return try await picture(part, place, files)
        case "input_file":
            guard let reference = FileReference(openAI: part) else {
                throw APIError.invalid(
                    place, "'\(place)' must have a 'file_id', a 'file_url', or 'file_data' and a 'filename'.")
            }
            return try await files.part(reference, at: place)
        // Its cost is not known before the call.
        case "input_audio":
            throw APIError(
                .unsupportedInput, "'\(place)' is of a type that is not supported. Send text, pictures or files.",
                param: place)
        default: break
        }
        throw APIError.invalid(
            place, "'\(place)' must be a part of the type 'input_text', 'input_image', 'input_file' or 'output_text'.")
    }

    private static func picture(_ part: JSONValue, _ place: String, _ files: ItemFiles) async throws -> JSONValue {
        var picture: JSONValue
        if let url = part["image_url"]?.string {
            picture = ["type": "image_url", "image_url": ["url": .string(url)]]
        } else if let id = part["file_id"]?.string {
            picture = try await files.part(.stored(id: id), at: place)
        } else {
            throw APIError.invalid(place, "'\(place)' must have an 'image_url' or a 'file_id'.")
        }
        guard case .object(var members) = picture, case .object(var image)? = members["image_url"] else {
            guard !files.areEarlier else { return picture }
            throw APIError.invalid(place, "'\(place)' names a file that is no picture. Send it as 'input_file'.")
        }
        if let detail = part["detail"]?.string { image["detail"] = .string(detail) }
        members["image_url"] = .object(image)
        picture = .object(members)
        return picture
    }
}

/// Reads the files that items name.
struct ItemFiles {
    let reader: ClientFileReader
    /// Whether the items are those of an earlier response, whose files may have been deleted meanwhile.
    let areEarlier: Bool

    /// What a model is given of a file.
    func part(_ reference: FileReference, at place: String) async throws -> JSONValue {
        do {
            return try await reader.part(reference, at: place)
        } catch let error as APIError where areEarlier {
            guard [.notFound, .invalidValue].contains(error.code) else {
                throw APIError(error.code, error.message, param: "previous_response_id", cause: error)
            }
            return ["type": "text", "text": "(A file was attached here, which cannot be read any more.)"]
        }
    }
}
