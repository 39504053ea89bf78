import Chat
package import HTTPKit
package import JSON
package import LLM
package import NIOCore

/// OpenAI's older answer. The chunks of its streams have the same form.
package struct TextCompletion: JSONOutput {
    package let id: String
    package let object: String
    package let created: Int
    package let model: String
    package let choices: [Choice]
    /// Null in chunks but the last, if the client asks for it.
    package let usage: ChatCompletion.Usage?

    package struct Choice: JSONOutput {
        package let index: Int
        package let text: String
        package let logprobs: JSONValue?
        package let finishReason: String?
    }

    /// - Parameter results: at least one.
    package init(id: String, _ results: [ChatResult], _ usage: ChatUsage, now: Timestamp) {
        self.id = id
        object = "text_completion"
        created = Int(now.milliseconds / 1000)
        model = results[0].model
        choices = results.enumerated().map { index, result in
            Choice(
                index: index, text: result.content.isEmpty ? result.refusal ?? "" : result.content, logprobs: nil,
                finishReason: result.finishReason.openAI)
        }
        self.usage = ChatCompletion.Usage(usage)
    }
}

/// OpenAI's older chunks.
package struct TextCompletionEvents: OpenAIEvents {
    let head: [UInt8]
    let showsUsage: Bool
    let requestID: String

    package init(id: String, model: String, now: Timestamp, showsUsage: Bool, requestID: String) {
        let model = JSONValue.string(model).serialized()
        head =
            Array("data: {\"id\":\"\(id)\",\"object\":\"text_completion\",\"created\":".utf8)
            + Array("\(now.milliseconds / 1000),\"model\":".utf8) + model + Array(",\"choices\":[".utf8)
        self.showsUsage = showsUsage
        self.requestID = requestID
    }

    package mutating func begin(_ out: inout ByteBuffer) {}

    package func alive(_ out: inout ByteBuffer) { out.writeStaticString(": still here\n\n") }

    /// Thoughts have no place in this form.
    package mutating func write(_ event: ChatEvent, of index: Int, _ out: inout ByteBuffer) {
        switch event {
        case .delta(let text), .refusal(let text): chunk(index, text, finishReason: nil, &out)
        case .toolCalls, .logprobs, .thoughts, .thoughtDetails, .citation: break
        }
    }

    package mutating func finish(_ result: ChatResult, _ usage: ChatUsage, of index: Int, _ out: inout ByteBuffer) {
        chunk(index, "", finishReason: result.finishReason.openAI, &out)
    }

    private func chunk(_ index: Int, _ text: String, finishReason: String?, _ out: inout ByteBuffer) {
        out.writeBytes(head)
        out.writeString("{\"index\":\(index),\"text\":")
        out.writeBytes(JSONValue.string(text).serialized())
        out.writeString(",\"logprobs\":null,\"finish_reason\":\(finishReason.map { "\"\($0)\"" } ?? "null")}]")
        out.writeString(showsUsage ? ",\"usage\":null}\n\n" : "}\n\n")
    }
}
