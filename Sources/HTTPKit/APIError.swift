package import HTTPTypes

/// An answer other than success: what the client is told, and, apart from it, the cause that only the log sees.
package struct APIError: Error, Sendable {
    package let code: Code
    package let message: String
    /// The field or parameter at fault, in the client's own spelling.
    package let param: String?
    /// Seconds after which another try makes sense.
    package let retryAfter: Int?
    /// For the log only: never shown.
    package let cause: (any Error)?
    package var allow: String?
    /// The allowance of the limit that was reached.
    package var allowance: Allowance?
    /// The message in Bengali, if it is not the code's.
    package let bengali: String?
    /// The reader's; nil until the caller is known.
    package var language: UserLanguage?
    /// Whether the caller expects an OAuth 2.0 error.
    package var isOAuth = false
    /// The API in whose words the error is told; nil for Mynah's own.
    package var api: ClientAPI?
    /// The vendor's own name for the error, if a model's vendor has refused the request.
    package var vendorCode: String?

    /// - Parameter bengali: what `message` says, in Bengali.
    package init(
        _ code: Code, _ message: String? = nil, bengali: String? = nil, param: String? = nil, retryAfter: Int? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message ?? code.text
        self.bengali = bengali
        self.param = param
        self.retryAfter = retryAfter ?? code.usualRetryAfter
        self.cause = cause
    }

    package static func invalid(_ param: String?, _ message: String, bengali: String? = nil) -> APIError {
        APIError(.invalidValue, message, bengali: bengali, param: param)
    }

    /// The code of every error that a client can meet: stable, and listed in the documentation.
    package enum Code: String, Sendable, CaseIterable {
        case malformedBody = "malformed_body"
        case duplicateKey = "duplicate_key"
        case notUTF8 = "not_utf8"
        case invalidHandshake = "invalid_handshake"
        case modelAmbiguous = "model_ambiguous"
        case missingCredentials = "missing_credentials"
        case invalidCredentials = "invalid_credentials"
        case mfaRequired = "mfa_required"
        case invalidCode = "invalid_code"
        case invalidToken = "invalid_token"
        case invalidTicket = "invalid_ticket"
        case invalidVisitor = "invalid_visitor"
        case tokenReused = "token_reused"
        case wrongPassword = "wrong_password"
        case reauthenticationRequired = "reauthentication_required"
        case invalidAPIKey = "invalid_api_key"
        case keyRevoked = "key_revoked"
        case keyExpired = "key_expired"
        case keyNotForChatbot = "key_not_for_chatbot"
        case keyNotAllowed = "key_not_allowed"
        case budgetExhausted = "budget_exhausted"
        case insufficientCredits = "insufficient_credits"
        case dailyLimitReached = "daily_limit_reached"
        case planLimitReached = "plan_limit_reached"
        case modelNotInPlan = "model_not_in_plan"
        case modelNotPriced = "model_not_priced"
        case rateLimited = "rate_limited"
        case tooMuchAtOnce = "too_much_at_once"
        case forbidden = "forbidden"
        case accessRequired = "access_required"
        case originRefused = "origin_refused"
        case addressRefused = "address_refused"
        case registrationClosed = "registration_closed"
        case notFound = "not_found"
        case modelNotFound = "model_not_found"
        case previousResponseNotFound = "previous_response_not_found"
        case methodNotAllowed = "method_not_allowed"
        case conflict = "conflict"
        case usernameTaken = "username_taken"
        case emailTaken = "email_taken"
        case slugTaken = "slug_taken"
        case alreadyMember = "already_member"
        case lastOwner = "last_owner"
        case lastAdmin = "last_admin"
        case personalWorkspace = "personal_workspace"
        case otherWorkspace = "other_workspace"
        case defaultChatbot = "default_chatbot"
        case conversationBusy = "conversation_busy"
        case wouldLockOut = "would_lock_out"
        case nothingToRegenerate = "nothing_to_regenerate"
        case uploadIncomplete = "upload_incomplete"
        case robotsDisallowed = "robots_disallowed"
        case idempotencyInProgress = "idempotency_in_progress"
        case tooLarge = "too_large"
        case upgradeRequired = "upgrade_required"
        case unsupportedMediaType = "unsupported_media_type"
        case invalidValue = "invalid_value"
        case missingField = "missing_field"
        case invalidCursor = "invalid_cursor"
        case passwordTooCommon = "password_too_common"
        case invalidLink = "invalid_link"
        case modelNotAllowed = "model_not_allowed"
        case toolNotAllowed = "tool_not_allowed"
        case messageTooLong = "message_too_long"
        case unsupportedInput = "unsupported_input"
        case idempotencyMismatch = "idempotency_mismatch"
        case overloaded = "overloaded"
        case internalError = "internal_error"
        case databaseBusy = "database_busy"
        case databaseFull = "database_full"
        case databaseUnavailable = "database_unavailable"
        case fileStoreFull = "file_store_full"
        case fileStoreUnavailable = "file_store_unavailable"
        case modelLoading = "model_loading"
        case shuttingDown = "shutting_down"
        case providerUnavailable = "provider_unavailable"
        case providerTimeout = "provider_timeout"
        case providerRateLimited = "provider_rate_limited"
        case providerRefused = "provider_refused"
        case emptyReply = "empty_reply"
        case replyLimitReached = "reply_limit_reached"
        case invalidReply = "invalid_reply"

        package var status: HTTPResponse.Status {
            switch self {
            case .malformedBody, .duplicateKey, .notUTF8, .invalidHandshake, .modelAmbiguous,
                .previousResponseNotFound:
                .badRequest
            case .missingCredentials, .invalidCredentials, .mfaRequired, .invalidCode, .invalidToken, .invalidTicket,
                .invalidVisitor, .tokenReused,
                .invalidAPIKey, .keyRevoked, .keyExpired:
                .unauthorized
            case .budgetExhausted, .insufficientCredits, .planLimitReached:
                .init(code: 402, reasonPhrase: "Payment Required")
            case .wrongPassword, .forbidden, .accessRequired, .originRefused, .registrationClosed,
                .reauthenticationRequired,
                .keyNotForChatbot, .keyNotAllowed:
                .forbidden
            case .modelNotInPlan, .modelNotPriced, .addressRefused: .forbidden
            case .rateLimited, .tooMuchAtOnce, .dailyLimitReached: .tooManyRequests
            case .notFound, .modelNotFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .conflict, .usernameTaken, .emailTaken, .slugTaken, .alreadyMember, .lastOwner, .lastAdmin,
                .personalWorkspace, .otherWorkspace,
                .wouldLockOut, .defaultChatbot, .conversationBusy, .nothingToRegenerate, .uploadIncomplete,
                .idempotencyInProgress:
                .conflict
            case .tooLarge: .contentTooLarge
            case .upgradeRequired: .upgradeRequired
            case .unsupportedMediaType: .unsupportedMediaType
            case .invalidValue, .missingField, .invalidCursor, .invalidLink, .passwordTooCommon, .modelNotAllowed,
                .toolNotAllowed, .messageTooLong, .unsupportedInput, .robotsDisallowed,
                .idempotencyMismatch:
                .unprocessableContent
            case .overloaded, .databaseBusy, .databaseFull, .databaseUnavailable, .fileStoreFull,
                .fileStoreUnavailable, .modelLoading, .shuttingDown, .providerUnavailable, .providerRateLimited:
                .serviceUnavailable
            case .internalError: .internalServerError
            case .providerRefused, .emptyReply, .replyLimitReached, .invalidReply: .badGateway
            case .providerTimeout: .gatewayTimeout
            }
        }

        /// Seconds after which another try makes sense unless the place of the error knows better: a 503 always says so.
        fileprivate var usualRetryAfter: Int? {
            switch self {
            case .overloaded, .databaseBusy: 1
            case .modelLoading: 2
            case .databaseUnavailable, .fileStoreUnavailable, .shuttingDown, .providerUnavailable, .providerRateLimited:
                5
            case .databaseFull, .fileStoreFull: 30
            default: nil
            }
        }

        /// The family, by which OpenAI's and Anthropic's SDKs choose an exception.
        package var type: String { Self.type(of: status) }

        static func type(of status: HTTPResponse.Status) -> String {
            switch status.code {
            case 400, 405, 409, 413, 415, 422, 426: "invalid_request_error"
            case 401: "authentication_error"
            case 402, 403: "permission_error"
            case 404: "not_found_error"
            case 429: "rate_limit_error"
            default: "api_error"
            }
        }

        package var text: String {
            switch self {
            case .malformedBody: "The body is not valid JSON."
            case .duplicateKey: "The body names the same field twice."
            case .notUTF8: "The body is not valid UTF-8."
            case .invalidHandshake: "The handshake of this WebSocket is not valid."
            case .modelAmbiguous: "Several chatbots of yours have this slug. Name one by its id."
            case .missingCredentials: "Sign in first: send 'Authorization: Bearer <access token>'."
            case .invalidCredentials: "The user name or password is wrong."
            case .mfaRequired: "The password is right. Send the second factor's 'code' too."
            case .invalidCode: "This code is wrong, or has been used. Send the next one that the authenticator shows."
            case .invalidToken: "The token is not valid or has expired. Sign in again."
            case .invalidTicket: "This ticket is not valid, or has been used. Get a new one."
            case .invalidVisitor: "This visitor token is not valid or has expired."
            case .tokenReused: "This refresh token was used before, so its sign-in has been ended. Sign in again."
            case .wrongPassword: "The password is wrong."
            case .reauthenticationRequired:
                "This sign-in is too old for this. Send your 'password' too, or sign in again."
            case .invalidAPIKey: "This API key is not valid."
            case .keyRevoked: "This API key has been revoked. Make a new one."
            case .keyExpired: "This API key has expired. Make a new one."
            case .keyNotForChatbot: "This API key is not for this chatbot."
            case .keyNotAllowed: "This API key may not be used for this."
            case .budgetExhausted: "This API key has spent its budget."
            case .insufficientCredits: "The credits of this workspace's owner do not suffice for this."
            case .dailyLimitReached: "Today's limit is reached. The next day begins at midnight in UTC."
            case .planLimitReached: "The plan allows no more of these."
            case .modelNotInPlan: "Your plan does not include this model."
            case .modelNotPriced: "This model has no price on this server. Ask its operator, or choose another model."
            case .rateLimited: "Too many requests. Try again later."
            case .tooMuchAtOnce:
                "Your requests that are still running are too large together. Wait for some of them to end."
            case .forbidden: "You are not allowed to do this."
            case .accessRequired: "Ask for access to this conversation first, and say why."
            case .originRefused: "A request that carries the console's cookie must come from the console's own pages."
            case .addressRefused: "This server may not be used from your address."
            case .registrationClosed: "This server does not accept new registrations."
            case .notFound: "There is nothing here under this address, or it is not yours."
            case .modelNotFound:
                "There is no such model here, or it is not yours. Name a chatbot by its id or slug, or see /v1/models."
            case .previousResponseNotFound: "The response that this one continues is not stored, or it is not yours."
            case .methodNotAllowed: "This address does not answer to this method."
            case .conflict: "This is in conflict with something that exists already."
            case .usernameTaken: "This user name is taken. Choose another."
            case .emailTaken: "This e-mail address is registered already. Sign in instead."
            case .slugTaken: "Another chatbot of this workspace has this slug. Choose another."
            case .alreadyMember: "This user is a member already. Change the role instead."
            case .lastOwner: "A workspace needs an owner. Make another member the owner, who accepts it, first."
            case .lastAdmin: "One active admin with all permissions must remain. Make another one first."
            case .personalWorkspace: "A personal workspace cannot be deleted or shared. Create another workspace."
            case .otherWorkspace: "This chatbot belongs to another workspace than the conversation."
            case .defaultChatbot: "The default chatbot cannot be deleted. Make another one the default first."
            case .wouldLockOut: "After this change your own address would be refused. Allow it first."
            case .conversationBusy: "A reply is still being written in this conversation. Wait for it, or stop it."
            case .nothingToRegenerate: "This conversation has no message to reply to again."
            case .idempotencyInProgress: "The first request with this Idempotency-Key is still running. Try again soon."
            case .tooLarge: "The body is too large."
            case .upgradeRequired: "Open a WebSocket of version 13 here."
            case .unsupportedMediaType: "This Content-Type is not accepted here. Send application/json."
            case .invalidValue: "A value is not acceptable."
            case .missingField: "A required field is missing."
            case .invalidCursor: "This cursor did not come from this list. Start again without 'after'."
            case .passwordTooCommon: "This password is one of the most common ones. Choose another."
            case .invalidLink: "This link is not valid, has expired or was used before. Ask for a new one."
            case .modelNotAllowed: "This chatbot does not offer that model."
            case .toolNotAllowed: "This tool runs at the model's vendor and has no price here."
            case .messageTooLong:
                "The message and the chatbot's prompt do not fit into the model's context. Shorten it."
            case .unsupportedInput: "The model cannot take this."
            case .idempotencyMismatch: "This Idempotency-Key was used with another request. Use a new key."
            case .overloaded: "The server is busy. Try again in a moment."
            case .internalError: "Something went wrong here. The request id helps the operator to find out what."
            case .databaseBusy: "The database is busy. Try again in a moment."
            case .databaseFull: "The server has no space left to store this. Try again later."
            case .fileStoreFull: "No space is left for this file. Try again later."
            case .fileStoreUnavailable: "Files cannot be stored or read right now. Try again soon."
            case .uploadIncomplete: "A part of this upload is missing."
            case .robotsDisallowed:
                "The site's robots.txt does not let Mynah read this page, or the site could not give its robots.txt."
            case .databaseUnavailable: "The database is not available. Try again in a moment."
            case .modelLoading: "The local model is still loading. Try again in a few seconds."
            case .shuttingDown: "The server is restarting. Try again in a moment."
            case .providerUnavailable: "The model's provider is not available."
            case .providerTimeout: "The model took too long to answer."
            case .providerRateLimited: "The model's provider limits the number of requests."
            case .providerRefused: "The model's provider refused this request."
            case .emptyReply: "The model answered with nothing."
            case .replyLimitReached: "The model used up the tokens of its reply before it began to answer."
            case .invalidReply: "The model's provider sent something else than was asked for."
            }
        }
    }
}

/// The body of every error: a superset of OpenAI's, so that its SDKs raise the right exception.
package struct ErrorBody: Codable, Sendable {
    package let error: Detail

    package struct Detail: Codable, Sendable {
        package let code: String
        package let type: String
        package let message: String
        package let param: String?
        package let requestID: String
        /// The code in this server's own list, if `code` is the API's or the vendor's.
        package let mynahCode: String?

        private enum CodingKeys: String, CodingKey { case code, type, message, param, requestID, mynahCode }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(code, forKey: .code)
            try container.encode(type, forKey: .type)
            try container.encode(message, forKey: .message)
            try container.encode(param, forKey: .param)
            try container.encode(requestID, forKey: .requestID)
            if let mynahCode { try container.encode(mynahCode, forKey: .mynahCode) }
        }
    }

    package init(_ error: APIError, requestID: String) {
        self.error = Detail(
            code: error.publicCode, type: error.type, message: error.shownMessage, param: error.param,
            requestID: requestID, mynahCode: error.publicCode == error.code.rawValue ? nil : error.code.rawValue)
    }
}
