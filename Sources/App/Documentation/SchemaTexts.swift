import HTTPKit

extension OpenAPITexts {
    /// See `OpenAPITexts.schemas`.
    static let schemaTexts: [String: SchemaText] = [
        "APIKey": SchemaText("APIKey", "A key without the key itself: what it may do, its limits, and its state."),
        "APIKeyCreate": SchemaText(
            "APIKeyCreate", "A new key of a chatbot.", exampleFields: ["name", "kind", "scopes", "rate_limit"]),
        "APIKeyCreateOwn": SchemaText(
            "OwnAPIKeyCreate", "A new key that acts as its user.", exampleFields: ["name", "scopes"]),
        "APIKeyIssued": SchemaText("IssuedAPIKey", "A new key, with the key itself in `key`. It is not shown again."),
        "APIKeyRotate": SchemaText(
            "APIKeyRotate", "How long the old key still works, and a password if the sign-in is over an hour old.",
            exampleFields: ["overlap_seconds"]),
        "APIKeyUpdate": SchemaText("APIKeyUpdate", "The fields of a key to change.", exampleFields: ["name"]),
        "Accepted": SchemaText("Accepted", "The request was accepted and is being worked on."),
        "AccessLogEntry": SchemaText(
            "AccessLogEntry", "An operator's permission to read one conversation for a limited time."),
        "AccessRoutesConsoleCredentials": SchemaText(
            "ConsoleSignIn", "A name or e-mail address with its password, and a code if a second factor is set up.",
            exampleFields: ["username", "password"]),
        "AccessRoutesCredentials": SchemaText(
            "SignInRequest",
            "A name or e-mail address with its password, and a code if a second factor is set up; or a refresh token.",
            exampleFields: ["username", "password"]),
        "AccessRoutesCredentialsForm": SchemaText(
            "TokenRequest", "An OAuth 2.0 token request: a name and password, or a refresh token.",
            exampleFields: ["grant_type", "username", "password"]),
        "AccessRoutesPasswordChange": SchemaText("PasswordChange", "The current password and the new one."),
        "AccessRoutesRefresh": SchemaText("RefreshRequest", "The refresh token to exchange."),
        "AnthropicMessage": SchemaText("AnthropicMessage", "A reply in the form of Anthropic's API."),
        "AnthropicMessageUsage": SchemaText("AnthropicUsage", "Tokens of a call in the arithmetic of Anthropic's API."),
        "ApplicationConversation": SchemaText(
            "ApplicationConversation", "A conversation with the end user of an application."),
        "AuditEntry": SchemaText("AuditEntry", "One change: who made it, to what, with which outcome."),
        "AuditRoutesHead": SchemaText("AuditHead", "The last seal of the audit trail."),
        "AnthropicMessageUsageOutputDetails": SchemaText("AnthropicOutputDetails", "Parts of `output_tokens`."),
        "Attachment": SchemaText("Attachment", "A file of a conversation, as its message shows it."),
        "AttachmentReference": SchemaText(
            "AttachmentReference", "Names a file of the conversation, or a complete upload.", exampleFields: ["file_id"]
        ),
        "BegunConversation": SchemaText(
            "BegunConversation", "A visitor's conversation that has no message yet."),
        "ConversationFile": SchemaText("ConversationFile", "A file within a conversation."),
        "ChatCompletion": SchemaText("ChatCompletion", "A reply in the form of OpenAI's API."),
        "ChatCompletionCandidate": SchemaText("ChatCompletionChoice", "One of the answers; as many as `n` says."),
        "ChatCompletionChunk": SchemaText(
            "ChatCompletionChunk", "The data of one event of a streamed completion. `[DONE]` ends the stream."),
        "ChatCompletionChunkChoice": SchemaText("ChatCompletionChunkChoice", "What this event adds to the choice."),
        "ChatCompletionChunkDelta": SchemaText("ChatCompletionChunkDelta", "What this event adds to the message."),
        "ChatCompletionMessage": SchemaText("ChatCompletionMessage", "The assistant's message."),
        "ChatCompletionRequest": SchemaText(
            "ChatCompletionRequest", "A call in the form of OpenAI's API.",
            exampleFields: ["model", "messages", "max_tokens"]),
        "ChatCompletionRequestMessage": SchemaText(
            "ChatCompletionRequestMessage", "One message of the conversation so far.",
            exampleFields: ["role", "content"]),
        "ChatCompletionRequestStreamOptions": SchemaText(
            "ChatCompletionStreamOptions", "What a stream shows besides the text."),
        "ChatCompletionUsage": SchemaText("ChatCompletionUsage", "Tokens of a call in the arithmetic of OpenAI's API."),
        "ChatCompletionUsageCompletionDetails": SchemaText(
            "ChatCompletionTokensDetails", "Parts of `completion_tokens`."),
        "ChatCompletionUsagePromptDetails": SchemaText("ChatCompletionPromptDetails", "Parts of `prompt_tokens`."),
        "ChatRoutesAgain": SchemaText(
            "RegenerateRequest", "The model for another reply, and whether to stream it.", exampleFields: ["stream"]),
        "ChatRoutesReply": SchemaText("ChatReply", "The reply and the conversation that it belongs to."),
        "ChatRoutesSend": SchemaText(
            "ChatRequest", "A message to a chatbot, in a new conversation or a given one.",
            exampleFields: ["message", "stream"]),
        "ChatRoutesStopped": SchemaText(
            "StoppedReply", "The reply as far as it was generated; null if none was running here."),
        "Chatbot": SchemaText(
            "Chatbot", "A prompt, a choice of model and settings under a name. `null` stands for a default."),
        "ChatbotCreate": SchemaText(
            "ChatbotCreate", "A new chatbot. Only the name is needed.",
            exampleFields: ["name", "description", "temperature"]),
        "ChatbotUpdate": SchemaText(
            "ChatbotUpdate", "The fields of a chatbot to change.", exampleFields: ["description", "temperature"]),
        "ChatbotUsage": SchemaText("ChatbotUsage", "What a chatbot was used for in a time, in groups."),
        "ChatbotUsageGroup": SchemaText("ChatbotUsageGroup", "Sums of one day, model or key; the other two are null."),
        "ConsoleSession": SchemaText("ConsoleSession", "The user who is signed in to the console."),
        "Conversation": SchemaText("Conversation", "A sequence of messages with one chatbot."),
        "ConversationCreate": SchemaText("ConversationCreate", "A new conversation.", exampleFields: ["title"]),
        "ConversationUpdate": SchemaText(
            "ConversationUpdate", "The fields of a conversation to change.", exampleFields: ["title"]),
        "Folder": SchemaText("Folder", "A folder of conversations."),
        "ConversationShare": SchemaText("Share", "A link by which anyone who has it reads a conversation."),
        "ConversationShareCreate": SchemaText("ShareCreate", "When a link ends."),
        "ConversationShareMade": SchemaText("NewShare", "A link with its address, which is shown once."),
        "SharedConversation": SchemaText("SharedConversation", "One page of a conversation that is read by a link."),
        "SharedMessage": SchemaText("SharedMessage", "A message as a link shows it."),
        "SharedMessageSource": SchemaText("SharedSource", "A source of a reply, by its name."),
        "ConversationShown": SchemaText("ShownVersion", "The message whose version is to be shown."),
        "ConversationCopy": SchemaText("ConversationCopy", "How much of a conversation to copy."),
        "DeletedUser": SchemaText("DeletedUser", "A user who was deleted and can still be restored."),
        "EffectiveLimits": SchemaText("EffectiveLimits", "The limits that apply to a user; null is no limit."),
        "EmailRoutesAddressChange": SchemaText("EmailChange", "The new address and the account's password."),
        "EmailRoutesConfirmation": SchemaText("EmailConfirmation", "The token of a link from a mail."),
        "EmailRoutesForgotten": SchemaText(
            "PasswordResetRequest", "The address of the account whose password is forgotten."),
        "EmailRoutesReset": SchemaText("PasswordReset", "The token of a link from a mail, and the new password."),
        "EndUserNamed": SchemaText(
            "EndUserDetails", "The end user that an application speaks for, by the application's own id."),
        "EndUserShown": SchemaText("EndUser", "An end user of a chatbot's applications."),
        "ClientFile": SchemaText("File", "A file of an API client, in the form of OpenAI's API."),
        "ClientFileDeleted": SchemaText("DeletedFile", "The id of the deleted file, in the form of OpenAI's API."),
        "ClientFilePage": SchemaText("FileList", "One page of an API client's files, in the form of OpenAI's API."),
        "ErrorBody": SchemaText("Error", "The body of every error."),
        "ErrorBodyDetail": SchemaText("ErrorDetail", "What went wrong. `code` is stable, `message` is for people."),
        "ExportDocument": SchemaText("ConversationExport", "A conversation with its messages."),
        "FallbackMessages": SchemaText(
            "FallbackMessages",
            "What is said instead of a failed reply, by the reason of the failure, or of a reply without a source."),
        "Grants": SchemaText("Grants", "What an account has granted and a new password does not end."),
        "GrantsEnded": SchemaText("RevokedGrants", "How much was revoked."),
        "GrantsEnding": SchemaText(
            "GrantsRevocation", "The account's password, and which kinds of grants to revoke.",
            exampleFields: ["password"]),
        "GrantsMembership": SchemaText("GrantedMembership", "A member that the account brought into a workspace."),
        "HealthRoutesDatabaseStatus": SchemaText(
            "DatabaseStatus", "The state of the database; the number of records by table, or null."),
        "HealthRoutesHealth": SchemaText("Health", "The state of the server's parts."),
        "HealthRoutesLive": SchemaText("Liveness", "The process responds."),
        "IPRule": SchemaText("IPRule", "An address or a range that may use this server or not."),
        "IPRuleCreate": SchemaText("IPRuleCreate", "A new rule for an address or a range."),
        "Invitation": SchemaText("Invitation", "An open invitation to a workspace."),
        "InvitationAcceptance": SchemaText(
            "InvitationAcceptance", "The token of an invitation's link, or the invitation's id.",
            exampleFields: ["token"]),
        "InvitationCreate": SchemaText(
            "InvitationCreate",
            "The role to offer, and the address to invite; without an address the answer has a link."),
        "InvitationMade": SchemaText("MadeInvitation", "The invitation, which says nothing of the user."),
        "InvitationOffered": SchemaText("OfferedInvitation", "The invitation, with its link if there is no address."),
        "InvitationReading": SchemaText("InvitationToken", "The token of an invitation's link."),
        "InvitationReceived": SchemaText("ReceivedInvitation", "An invitation as the invited user sees it."),
        "KeySet": SchemaText("KeySet", "A JSON Web Key Set (RFC 7517)."),
        "KeySetKey": SchemaText("SigningKey", "A public key that verifies access tokens."),
        "ManagedUser": SchemaText("ManagedUser", "A user as operators see it."),
        "ManagedUserCounts": SchemaText("UserCounts", "How much belongs to a user."),
        "ManagedUserCredit": SchemaText(
            "CreditChange", "Credits to add, or the new balance, in micro-units, and the reason.",
            exampleFields: ["delta", "reason"]),
        "ManagedUserDeletion": SchemaText("UserDeletion", "The reason of a deletion, and whether to keep an export."),
        "ManagedUserDetailed": SchemaText("ManagedUserDetails", "A user with limits, credits and counts."),
        "ManagedUserReason": SchemaText("Reason", "Why something is done. The audit trail keeps it."),
        "ManagedUserUpdate": SchemaText(
            "ManagedUserUpdate", "The plan, limits or state of a user to change.", exampleFields: ["disabled"]),
        "Member": SchemaText("Member", "A member of a workspace. `accepted_at` is null until the role is accepted."),
        "MemberAccept": SchemaText("RoleAcceptance", "The role to accept."),
        "MemberAdd": SchemaText(
            "MemberInvitation", "The person to invite, by one of id, name and address, and the role.",
            exampleFields: ["username", "role"]),
        "MemberUpdate": SchemaText("MemberUpdate", "The new role."),
        "Citation": SchemaText("Citation", "A passage of a file that a reply refers to."),
        "FoundMessage": SchemaText(
            "FoundMessage", "A title or a message that was found, with the places of the words in its snippet."),
        "UnansweredQuestion": SchemaText(
            "UnansweredQuestion", "A question that a chatbot with files answered without them."),
        "CuratedAnswer": SchemaText("CuratedAnswer", "An answer that a chatbot gives without asking a model."),
        "CuratedAnswerCreate": SchemaText("CuratedAnswerCreate", "A question and its answer."),
        "CuratedAnswerUpdate": SchemaText("CuratedAnswerUpdate", "What to change of a curated answer."),
        "Message": SchemaText("Message", "A message of a user, a chatbot or the system."),
        "MessageCreate": SchemaText(
            "MessageCreate", "A message to a conversation.", exampleFields: ["content", "stream"]),
        "Findings": SchemaText("KnowledgeFindings", "Passages that were found for a question, best first."),
        "KnowledgeFile": SchemaText("KnowledgeFile", "A file that a chatbot knows, and how far reading it has come."),
        "KnowledgeRoom": SchemaText(
            "KnowledgeRoom", "What a chatbot's workspace stores, and what its owner's plan allows."),
        "FilePassage": SchemaText("FilePassage", "A passage of a file, as it was read."),
        "KnowledgeSearchRoutesQuery": SchemaText(
            "KnowledgeQuery", "A question to a chatbot's knowledge.", exampleFields: ["query", "limit"]),
        "Passage": SchemaText("KnowledgePassage", "A passage of a file, and why it was found."),
        "MessageFeedback": SchemaText("MessageFeedback", "Thumbs up (1) or down (-1), and a comment."),
        "MessageLogContent": SchemaText("MessageLogContent", "The question and the answer, if they are kept."),
        "MessageLogShown": SchemaText(
            "MessageLog", "One call of a model: who, with what, for how much, with which outcome."),
        "EmbeddingBody": SchemaText(
            "EmbeddingRequest", "Texts to make vectors of, in the form of OpenAI's API.",
            exampleFields: ["model", "input"]),
        "EmbeddingBodyFormat": SchemaText("EmbeddingFormat", "Numbers, or base64 of them."),
        "EmbeddingBodyUse": SchemaText("EmbeddingInputType", "What the vectors are for."),
        "EmbeddingList": SchemaText("EmbeddingList", "A vector for each text, in their order."),
        "EmbeddingListItem": SchemaText("Embedding", "The vector of one text."),
        "EmbeddingListUsage": SchemaText("EmbeddingUsage", "Tokens that the model read."),
        "TextCompletion": SchemaText(
            "TextCompletion", "Continued texts in the form of OpenAI's older API, or an event of a stream of them."),
        "TextCompletionChoice": SchemaText("TextCompletionChoice", "One continuation, or a piece of it."),
        "TextCompletionRequest": SchemaText(
            "TextCompletionRequest", "A text to continue, in the form of OpenAI's older API.",
            exampleFields: ["model", "prompt", "max_tokens"]),
        "ResponseDeleted": SchemaText("DeletedResponse", "A response that was deleted."),
        "ResponseInputTokens": SchemaText(
            "ResponseInputTokens", "Tokens that a model would read, as OpenAI's API counts them."),
        "ResponseItemList": SchemaText("ResponseItemList", "Items of a response's input, page by page."),
        "ResponseObject": SchemaText("Response", "A response in the form of OpenAI's API."),
        "ResponseObjectFailure": SchemaText("ResponseError", "Why a response failed."),
        "ResponseObjectIncompleteDetails": SchemaText("ResponseIncompleteDetails", "Why a response is not whole."),
        "ResponseObjectReasoning": SchemaText("ResponseReasoning", "How much the model was to think, as asked."),
        "ResponseObjectUsage": SchemaText("ResponseUsage", "Tokens of a response."),
        "ResponseObjectUsageInputDetails": SchemaText("ResponseInputDetails", "Parts of `input_tokens`."),
        "ResponseObjectUsageOutputDetails": SchemaText("ResponseOutputDetails", "Parts of `output_tokens`."),
        "ResponseItemListQueryOrder": SchemaText("ResponseItemOrder", "Oldest or newest items first."),
        "ResponseObjectStatus": SchemaText("ResponseStatus", "How far a response has come."),
        "ResponseRequestReasoningSummary": SchemaText("ResponseSummary", "How thoughts are summed up."),
        "ResponseRequestTruncation": SchemaText("ResponseTruncation", "What is done if the input is too long."),
        "ResponseUser": SchemaText("ResponseUser", "The end user whose response is meant."),
        "ResponseRequest": SchemaText(
            "ResponseRequest", "A call in the form of OpenAI's Responses API.",
            exampleFields: ["model", "input", "instructions"]),
        "ResponseRequestReasoning": SchemaText("ResponseRequestReasoning", "How much the model is to think."),
        "ResponseRequestStreamOptions": SchemaText("ResponseStreamOptions", "What a stream shows besides the text."),
        "ResponseRequestText": SchemaText("ResponseTextOptions", "The form of the answer's text."),
        "ResponseStreamEvent": SchemaText(
            "ResponseStreamEvent",
            "The data of one event of a streamed response. `type` says which of the fields there are."),
        "TokenCount": SchemaText("TokenCount", "Tokens that a model would read, as Anthropic's API counts them."),
        "MessageReasoning": SchemaText("Reasoning", "What a model thought before it answered, and for how long."),
        "MessageRequest": SchemaText(
            "AnthropicMessageRequest", "A call in the form of Anthropic's API.",
            exampleFields: ["model", "messages", "max_tokens"]),
        "MessageRequestMetadata": SchemaText("AnthropicMetadata", "The end user that the call is made for."),
        "MessageRequestOutputConfig": SchemaText(
            "AnthropicOutputConfig", "How much effort an answer is worth, and the form that it must have."),
        "MessageRequestToolChoice": SchemaText("AnthropicToolChoice", "Whether and which tools the model has to call."),
        "MessageRequestTurn": SchemaText("AnthropicTurn", "One message of the conversation so far."),
        "MessageStreamEvent": SchemaText(
            "AnthropicStreamEvent",
            "The data of one event of a streamed message. `type` says which of the fields there are."),
        "MessageUsage": SchemaText("Usage", "Tokens of a reply."),
        "ModelList": SchemaText(
            "ModelList", "The names that `model` may have, in the form of OpenAI's and Anthropic's API."),
        "ModelListModel": SchemaText("Model", "A chatbot or one of its models."),
        "ModelPrice": SchemaText("ModelPrice", "The price of a model, in micro-units per million tokens."),
        "OAuthErrorBody": SchemaText(
            "OAuthError", "An error in the form of RFC 6749, with the usual error under `mynah`."),
        "OAuthMetadata": SchemaText("OAuthMetadata", "The metadata of RFC 8414."),
        "OAuthRoutesRevocationForm": SchemaText("TokenRevocation", "The token to revoke."),
        "OperatorAccount": SchemaText("Operator", "An admin or one of the support staff."),
        "OperatorAccountCreate": SchemaText(
            "OperatorCreate", "A new operator.", exampleFields: ["username", "name", "password", "role"]),
        "OperatorAccountUpdate": SchemaText(
            "OperatorUpdate", "The fields of an operator to change.", exampleFields: ["name"]),
        "OperatorCredentials": SchemaText(
            "OperatorSignIn", "An operator's name and password, and a code if a second factor is set up.",
            exampleFields: ["username", "password"]),
        "OwnLimits": SchemaText("UserLimits", "Limits of one user instead of the plan's; null is the plan's."),
        "OwnLimitsUpdate": SchemaText(
            "UserLimitsUpdate", "The limits to change; null returns to the plan's.", exampleFields: ["messages_per_day"]
        ),
        "OwnUsageRoutesBalance": SchemaText("CreditBalance", "Credits in micro-units."),
        "OwnUsageRoutesNamed": SchemaText("PlanName", "The user's plan."),
        "OwnUsageRoutesUsage": SchemaText("OwnUsage", "The user's limits and what is used of them."),
        "OwnUsageRoutesUsed": SchemaText("UsedAmounts", "What is used today, and in all."),
        "Plan": SchemaText("Plan", "The limits of the users who have the plan; null is no limit."),
        "PlanCreate": SchemaText("PlanCreate", "A new plan.", exampleFields: ["name", "messages_per_day"]),
        "PlanUpdate": SchemaText("PlanUpdate", "The fields of a plan to change.", exampleFields: ["messages_per_day"]),
        "PriceRoutesWrite": SchemaText("PriceUpdate", "The new price of a model, in micro-units per million tokens."),
        "Prompt": SchemaText("Prompt", "One version of a chatbot's prompt."),
        "PromptCreate": SchemaText("PromptCreate", "A new version of the prompt."),
        "ProviderState": SchemaText("Provider", "A provider of models, and how it is doing."),
        "ProviderStateUpdate": SchemaText(
            "ProviderUpdate", "The fields of a provider to change.", exampleFields: ["enabled"]),
        "QueryAnswer": SchemaText("QueryAnswer", "The reply with the context that it was made from."),
        "QueryDocumentConfig": SchemaText("QueryChatbotConfig", "The chatbot's settings, without prompts and secrets."),
        "QueryDocumentKeyInfo": SchemaText("QueryKeyInfo", "The key that the application called with."),
        "QueryRoutesSend": SchemaText(
            "QueryRequest", "A message on behalf of an application's user.", exampleFields: ["message", "user"]),
        "QueuedJob": SchemaText("Job", "A background job."),
        "SecondFactorConfirmation": SchemaText("SecondFactorConfirmation", "The code that the authenticator shows."),
        "SecondFactorOffer": SchemaText(
            "SecondFactorSecret", "The secret for an authenticator, also as the content of a QR code."),
        "SecondFactorOffering": SchemaText("SecondFactorSetup", "The password, if the sign-in is over an hour old."),
        "SecondFactorRecoveryCodes": SchemaText(
            "RecoveryCodes", "Codes that each work once instead of the authenticator's."),
        "SecondFactorRemoval": SchemaText("SecondFactorRemoval", "The account's password."),
        "SecondFactorState": SchemaText("SecondFactor", "Whether a second factor is set up."),
        "Session": SchemaText("Session", "One place where a user is signed in."),
        "SetupFirstAdmin": SchemaText(
            "FirstAdmin", "The token of the set-up link, and the first admin's name and password."),
        "SigningSecretRoutesProof": SchemaText(
            "PasswordProof", "The account's password, if the sign-in is over an hour old."),
        "SigningSecretRoutesShown": SchemaText("SigningSecret", "The secret that signs visitors' tokens."),
        "StaffAccess": SchemaText("ConversationAccess", "The permission to read a conversation until `expires_at`."),
        "StaffAccessRequest": SchemaText(
            "ConversationAccessRequest", "Why the conversation has to be read. Its owner sees this."),
        "StaffRoutesSupportedUser": SchemaText("SupportedUser", "A user as support staff see it."),
        "StaffRoutesSupportedUserToday": SchemaText("UsageToday", "What a user has used today."),
        "Stats": SchemaText("Stats", "What the server was used for in a time."),
        "StatsSums": SchemaText("StatsSums", "Sums of a day, or of all days."),
        "Ticket": SchemaText("SocketTicket", "A ticket for one WebSocket."),
        "TokenGrant": SchemaText(
            "TokenGrant", "An access token and the refresh token for the next one (RFC 6749, section 5.1)."),
        "HiddenMessage": SchemaText(
            "HiddenMessage", "A part of an imported conversation that its source did not show, such as instructions."),
        "Import": SchemaText("Import", "Conversations that are brought in from another service's export."),
        "ImportCount": SchemaText("ImportCount", "How many entries of the file had this reason."),
        "ImportCreate": SchemaText(
            "ImportCreate", "Names the uploaded export of another service.", exampleFields: ["upload_id", "chatbot_id"]),
        "ImportFormat": SchemaText("ImportFormat", "The service that an export is from."),
        "ImportState": SchemaText("ImportState", "Whether the import waits, runs or has ended, and how."),
        "Upload": SchemaText("Upload", "A file that is sent in parts."),
        "UploadCreate": SchemaText(
            "UploadCreate", "The name and the size of a file.", exampleFields: ["name", "bytes"]),
        "UploadPart": SchemaText("UploadPart", "A part that has been stored."),
        "UploadReference": SchemaText("UploadReference", "Names a complete upload."),
        "UploadSource": SchemaText(
            "UploadSource", "Names a complete upload, or the public address of a file.", exampleFields: ["upload_id"]),
        "StoredFileState": SchemaText("FileState", "How far reading a file has come."),
        "User": SchemaText("User", "A user's account."),
        "UserContext": SchemaText("UserContext", "What a chatbot is told of a user."),
        "UserContextProfile": SchemaText("UserProfile", "What is known of a user."),
        "UserCreate": SchemaText(
            "Registration", "A new user: a name or an e-mail address or both, and a password.",
            exampleFields: ["username", "password", "first_name"]),
        "UserDetailsShown": SchemaText("UserDetails", "The details of a user."),
        "UserDetailsUpdate": SchemaText(
            "UserDetailsUpdate", "The details to change.", exampleFields: ["first_name", "company", "preferences"]),
        "UserRoutesDeletion": SchemaText("AccountDeletion", "The account's password."),
        "UserUpdate": SchemaText("UserUpdate", "The fields of an account to change.", exampleFields: ["first_name"]),
        "WidgetRoutesAppearance": SchemaText("WidgetConfig", "What a widget shows before the first message."),
        "WidgetRoutesRate": SchemaText("WidgetFeedback", "A visitor's rating of a reply."),
        "WidgetRoutesReply": SchemaText("WidgetReply", "The reply to a visitor."),
        "WidgetRoutesSend": SchemaText("WidgetRequest", "A visitor's message.", exampleFields: ["message", "stream"]),
        "WidgetSettings": SchemaText("WidgetSettings", "How a chatbot's widget looks and what it shows first."),
        "WidgetSettingsLook": SchemaText("WidgetLook", "Where the widget is on a page, and its colours."),
        "WidgetSettingsLookUpdate": SchemaText(
            "WidgetLookUpdate", "The parts of the look to change.", exampleFields: ["side", "accent"]),
        "WidgetSettingsSide": SchemaText("WidgetSide", "The side of the page that the widget is on."),
        "WidgetSettingsTheme": SchemaText(
            "WidgetTheme", "Light or dark; `auto` follows the visitor's own setting."),
        "WidgetSettingsUpdate": SchemaText(
            "WidgetSettingsUpdate", "The settings of a widget to change.", exampleFields: ["starters", "look"]),
        "Workspace": SchemaText("Workspace", "A workspace, with the caller's role in it."),
        "WorkspaceRoutesKeysRevoked": SchemaText("RevokedKeys", "How many keys were revoked."),
        "WorkspaceCreate": SchemaText("WorkspaceWrite", "The name of a workspace."),
        "WorkspaceUpdate": SchemaText(
            "WorkspaceUpdate", "The fields of a workspace to change.", exampleFields: ["name"]),
        "APIKeyCreateChatbotKind": SchemaText(
            "NewKeyKind", "For applications (`secret`) or for pages of a website (`publishable`)."),
        "APIKeyKind": SchemaText(
            "KeyKind", "A chatbot's key for applications (`secret`) or websites (`publishable`), or a user's own key."),
        "APIKeyState": SchemaText("KeyState", "Only an active key is accepted."),
        "AccessRoutesCredentialsGrantType": SchemaText("GrantType", "The grants of OAuth 2.0 that exist here."),
        "AuditEntryFilterFormat": SchemaText("AuditFormat", "A page of JSON, or all entries as a file."),
        "ChatCompletionRequestMessageRole": SchemaText("ChatCompletionRole", "The author of a message."),
        "ChatbotUsageGrouping": SchemaText("UsageGrouping", "What the sums are grouped by."),
        "ConversationRoutesExportFormatFormat": SchemaText(
            "ConversationFormat", "The format of an exported conversation."),
        "GrantsKind": SchemaText("GrantKind", "A kind of what an account can grant."),
        "HealthRoutesHealthModelStatus": SchemaText("ModelStatus", "The state of the local model."),
        "HealthRoutesHealthEmbedderStatus": SchemaText(
            "EmbedderStatus", "The state of the local model of vectors, which is `idle` before its first use."),
        "HealthRoutesHealthStatus": SchemaText("HealthStatus", "The state of the server or a part of it."),
        "IPRuleAction": SchemaText("IPRuleAction", "Whether the addresses may use this server."),
        "KeyScope": SchemaText("KeyScope", "What a key may do."),
        "MessageLogFilterFormat": SchemaText("MessageLogFormat", "A page of JSON, or all entries as a file."),
        "MessageLogOutcome": SchemaText(
            "MessageLogOutcome", "Whether the call brought a whole reply, a part of it, or none."),
        "MessageBranch": SchemaText("MessageBranch", "The shown versions, or every message."),
        "MessageOrder": SchemaText("MessageOrder", "Oldest first or newest first."),
        "WhileRunning": SchemaText("WhileRunning", "What becomes of a message that comes during a reply."),
        "MessageRequestToolChoiceKind": SchemaText(
            "AnthropicToolChoiceType", "Whether and which tools the model has to call."),
        "MessageRequestTurnRole": SchemaText("AnthropicRole", "The author of a message."),
        "MessageSender": SchemaText("MessageSender", "The author of a message."),
        "MessageStatus": SchemaText("MessageStatus", "Whether the message is whole, was cut off, or failed."),
        "OAuthErrorBodyName": SchemaText("OAuthErrorCode", "The standard's words for errors."),
        "OperatorRole": SchemaText("OperatorRole", "An admin, or one of the support staff."),
        "Permission": SchemaText("Permission", "What an operator may do."),
        "ProviderStateState": SchemaText(
            "ProviderStatus", "Whether the provider answers, fails, is disabled or has no key."),
        "QueuedJobState": SchemaText("JobState", "Whether the job waits, runs or has failed for good."),
        "Role": SchemaText("Role", "A member's role in a workspace."),
        "SessionKind": SchemaText("SessionKind", "Tokens, or the console's cookie."),
    ]
}
