package import HTTPKit
import HTTPTypes
package import JSON
import LLM

/// A response in the shape of OpenAI's API, also of Open Responses, which wants more members.
package struct ResponseObject: JSONOutput {
    package let id: String
    package let object: String
    /// Seconds since 1970.
    package let createdAt: Int
    package internal(set) var status: Status
    package let background: Bool
    package internal(set) var completedAt: Int?
    package internal(set) var error: Failure?
    package internal(set) var incompleteDetails: IncompleteDetails?
    package let instructions: String?
    package let maxOutputTokens: Int?
    package let maxToolCalls: Int?
    package let metadata: JSONObject
    package internal(set) var model: String
    package internal(set) var output: [JSONValue]
    package let parallelToolCalls: Bool
    package let previousResponseID: String?
    package let promptCacheKey: String?
    package let reasoning: Reasoning
    package let safetyIdentifier: String?
    package internal(set) var serviceTier: String
    package let store: Bool
    package let temperature: Double
    package let presencePenalty: Double
    package let frequencyPenalty: Double
    package let text: JSONObject
    package let toolChoice: JSONValue
    package let tools: [JSONValue]
    package let topLogprobs: Int
    package let topP: Double
    package let truncation: String
    package internal(set) var usage: Usage?
    package let user: String?

    package enum Status: String, Choice {
        case inProgress = "in_progress"
        case completed, incomplete, failed, cancelled
    }

    package struct Failure: Codable, Sendable, Equatable {
        package let code: String
        package let message: String
        /// The code in this server's own list.
        package let mynahCode: String
    }

    package struct IncompleteDetails: Codable, Sendable, Equatable {
        package let reason: String
    }

    package struct Reasoning: Codable, Sendable {
        package let effort: String?
        package let summary: String?
    }

    package struct Usage: Codable, Sendable, Equatable {
        package let inputTokens: Int
        package let inputTokensDetails: InputDetails
        package let outputTokens: Int
        package let outputTokensDetails: OutputDetails
        package let totalTokens: Int

        package struct InputDetails: Codable, Sendable, Equatable {
            package let cachedTokens: Int
            package let cacheWriteTokens: Int
        }

        package struct OutputDetails: Codable, Sendable, Equatable {
            package let reasoningTokens: Int
        }

        init(_ usage: ChatUsage) {
            inputTokens = usage.promptTokens
            inputTokensDetails = InputDetails(
                cachedTokens: usage.cachedTokens, cacheWriteTokens: usage.cacheWriteTokens)
            outputTokens = usage.completionTokens
            outputTokensDetails = OutputDetails(reasoningTokens: usage.reasoningTokens)
            totalTokens = usage.promptTokens + usage.completionTokens
        }
    }

    /// A response that begins.
    init(
        id: String, _ request: ResponseRequest, model: String, chatbotTemperature: Double?,
        options: [String: JSONValue],
        now: Timestamp
    ) {
        self.id = id
        object = "response"
        createdAt = Int(now.milliseconds / 1000)
        status = .inProgress
        background = request.isBackground
        instructions = request.instructions
        maxOutputTokens = request.maxOutputTokens
        maxToolCalls = request.maxToolCalls
        metadata = request.metadata ?? JSONObject()
        self.model = model
        output = []
        parallelToolCalls = request.parallelToolCalls ?? true
        previousResponseID = request.previousResponseID
        promptCacheKey = request.promptCacheKey
        reasoning = Reasoning(
            effort: request.reasoning?.effort,
            summary: (request.reasoning?.summary ?? request.reasoning?.generateSummary)?.rawValue)
        safetyIdentifier = request.safetyIdentifier
        serviceTier = request.serviceTier ?? "auto"
        store = request.isStored
        temperature = request.temperature ?? chatbotTemperature ?? 1
        presencePenalty = options["presence_penalty"]?.double ?? 0
        frequencyPenalty = options["frequency_penalty"]?.double ?? 0
        text = JSONObject([
            "format": .object(request.text?.format?.members ?? ["type": "text"]),
            "verbosity": .string(request.text?.verbosity ?? "medium"),
        ])
        toolChoice = request.toolChoice ?? "auto"
        tools = ResponseTools.shown(request.tools ?? [])
        topLogprobs = request.topLogprobs ?? 0
        topP = request.topP ?? 1
        truncation = (request.truncation ?? .disabled).rawValue
        user = request.user
    }
}

/// How a response ended.
struct ResponseEnding: Codable, Sendable, Equatable {
    let status: ResponseObject.Status
    var model: String?
    var usage: ResponseObject.Usage?
    var error: ResponseObject.Failure?
    var incompleteDetails: ResponseObject.IncompleteDetails?
    var serviceTier: String?
    let endedAt: Timestamp

    init(_ result: ChatResult, _ usage: ChatUsage, now: Timestamp = .now) {
        (status, incompleteDetails) =
            switch result.finishReason {
            case .length: (.incomplete, .init(reason: "max_output_tokens"))
            case .filtered: (.incomplete, .init(reason: "content_filter"))
            case .stop, .toolCalls, .other: (.completed, nil)
            }
        model = result.model
        self.usage = ResponseObject.Usage(usage)
        serviceTier = result.extras["service_tier"]?.string
        endedAt = now
    }

    /// - Parameter usage: what was charged for.
    init(_ error: APIError, _ usage: ChatUsage?, now: Timestamp = .now) {
        status = .failed
        self.usage = usage.map(ResponseObject.Usage.init)
        let told = error.told(by: .openAI)
        let code = error.code.status.code == 429 || error.code == .providerRateLimited
        self.error = .init(
            code: code ? "rate_limit_exceeded" : error.code.status.code < 500 ? "invalid_prompt" : "server_error",
            message: told.message, mynahCode: error.code.rawValue)
        endedAt = now
    }

    /// A response that its client has ended.
    static func cancelled(_ usage: ChatUsage?, now: Timestamp = .now) -> ResponseEnding {
        ResponseEnding(.cancelled, usage: usage.map(ResponseObject.Usage.init), endedAt: now)
    }

    private init(_ status: ResponseObject.Status, usage: ResponseObject.Usage?, endedAt: Timestamp) {
        self.status = status
        self.usage = usage
        self.endedAt = endedAt
    }
}
