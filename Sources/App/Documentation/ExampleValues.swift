import HTTPKit
import JSON

extension OpenAPITexts {
    static let mynah = OpenAPITexts(schemas: schemaTexts, examples: examples)

    private static let id: JSONValue = "01932f4e-7a31-7c55-9d1f-0c8e5a2b6f70"

    /// See `OpenAPITexts.examples`. Times, choices and numbers need none.
    private static let examples: [String: JSONValue] = identifiers.merging(texts) { $1 }.merging(credentials) { $1 }

    private static let identifiers: [String: JSONValue] = {
        let names = [
            "id", "access_id", "chatbot_id", "project_id", "conversation_id", "session_id", "workspace_id", "user_id",
            "message_id", "running_message_id", "key_id", "own_key_id", "prompt_id", "invitation_id", "log_id",
            "plan_id",
            "job_id", "ip_rule_id", "operator_id", "payer_id", "owner_id", "request_id", "invited_by", "first_id",
            "last_id",
            "created_by", "kid", "upload_id", "file_id", "client_file_id", "conversation_file_id",
            "parent_id", "import_id", "share_id", "answer_id", "curated_answer_id",
        ]
        var all = Dictionary(uniqueKeysWithValues: names.map { ($0, id) })
        all["siblings"] = .array([id])
        all["end_user_id"] = "customer-7"
        all["EndUserDetails.id"] = "customer-7"
        all["EndUser.id"] = "customer-7"
        all["ChatCompletion.id"] = "chatcmpl-01932f4e7a317c559d1f0c8e5a2b6f70"
        all["ChatCompletionChunk.id"] = "chatcmpl-01932f4e7a317c559d1f0c8e5a2b6f70"
        all["TextCompletion.id"] = "cmpl-01932f4e7a317c559d1f0c8e5a2b6f70"
        all["AnthropicMessage.id"] = "msg_01932f4e7a317c559d1f0c8e5a2b6f70"
        all["Model.id"] = "helper"
        for name in ["Response.id", "DeletedResponse.id", "response_id"] {
            all[name] = "resp_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c"
        }
        all["previous_response_id"] = .null
        all["item_id"] = "msg_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c_0"
        all["deleted_by"] = .string("operator:01932f4e-7a31-7c55-9d1f-0c8e5a2b6f70")
        all["actor"] = .string("user:01932f4e-7a31-7c55-9d1f-0c8e5a2b6f70")
        all["target"] = .string("chatbot:01932f4e-7a31-7c55-9d1f-0c8e5a2b6f70")
        return all
    }()

    private static let texts: [String: JSONValue] = [
        "name": "Helper", "slug": "helper", "chatbot_name": "Helper", "display_name": "Helper", "title": "ছুটির পরিকল্পনা",
        "folder": "ভ্রমণ", "Folder.name": "ভ্রমণ",
        "description": "Answers questions about orders.", "greeting": "Hello! কেমন আছেন?",
        "Workspace.name": "Team Dhaka", "WorkspaceCreate.name": "Team Dhaka", "WorkspaceUpdate.name": "Team Dhaka",
        "workspace_name": "Team Dhaka",
        "Plan.name": "Pro", "PlanCreate.name": "Pro", "PlanName.name": "Pro", "plan": "pro",
        "APIKeyCreate.name": "Web shop", "OwnAPIKeyCreate.name": "Notebook", "APIKeyUpdate.name": "Web shop",
        "APIKey.name": "Web shop", "IssuedAPIKey.name": "Web shop", "QueryKeyInfo.name": "Web shop",
        "Operator.name": "Amina", "OperatorCreate.name": "Amina", "OperatorUpdate.name": "Amina",
        "FirstAdmin.name": "Amina", "operator_name": "Amina", "Provider.name": "openai", "provider_name": "openai",
        "username": "rahim", "first_name": "রহিম", "last_name": "Ahmed", "company": "Padma Ltd.", "role": "customer",
        "email": "rahim@example.com", "profile_data": "Prefers short answers.", "preferences": ["language": "en"],
        "profile": [:], "conversation_context": "User: Hello\nAssistant: Hello! How can I help?",
        "message": "Where is my order?", "content": "Where is my order?", "user_message": "Where is my order?",
        "question": "Where is my order?", "answer": "It arrives tomorrow.", "response": "It arrives tomorrow.",
        "Prompt.content": "You answer questions about orders.",
        "PromptCreate.content": "You answer questions about orders.",
        "ErrorDetail.message": "There is nothing here under this address, or it is not yours.",
        "AnthropicMessage.content": [["type": "text", "text": "It arrives tomorrow.", "citations": .null]],
        "ChatCompletionMessage.content": "It arrives tomorrow.", "ChatCompletionChunkDelta.content": "It arrives",
        "KnowledgeFile.name": "handbook.md", "Import.name": "chatgpt-export.zip",
        "ImportCount.reason": "already_imported",
        "HiddenMessage.role": "system", "HiddenMessage.content": "Answer briefly.", "Upload.name": "handbook.md",
        "UploadCreate.name": "handbook.md",
        "Citation.name": "handbook.md", "n": 1, "path.n": "1", "quote": "A membership costs 50 taka a year.",
        "ConversationSearchQuery.q": "weather dhaka", "snippet": "What is the weather in Dhaka?",
        "marks": [[12, 19], [23, 28]],
        "CuratedAnswer.question": "When do you open?", "CuratedAnswer.answer": "At nine, every day but Friday.",
        "CuratedAnswerCreate.question": "When do you open?",
        "CuratedAnswerCreate.answer": "At nine, every day but Friday.",
        "CuratedAnswerUpdate.question": "When do you open?", "CuratedAnswerUpdate.answer": "At ten.",
        "KnowledgePassage.name": "handbook.md", "heading": "Membership › Prices", "page": 3, "start": 5210, "end": 5266,
        "FilePassage.text": "A membership costs 50 taka a month.",
        "KnowledgePassage.text": "A membership costs 50 taka a month.", "before": "Prices are in taka.",
        "after": "Children pay half.", "score": 0.98, "word_rank": 2, "meaning_rank": 1,
        "KnowledgeQuery.query": "How much is a membership?", "KnowledgeQuery.limit": 3,
        "filename": "handbook.md", "content_type": "text/markdown",
        "sha256": .string(String(repeating: "9f86d081", count: 8)),
        "part": 1, "path.part": "1", "parts": [1], "File.object": "file", "DeletedFile.object": "file",
        "FileList.object": "list",
        "purpose": "user_data", "status": "processed",
        "starters": ["Where is my order?", "কত দিনে পাব?"], "accent": "#0b6e4f",
        "comment": "Very helpful.", "reason": "Asked for by mail.", "note": "The office.",
        "fallback_message": "Please try again in a moment.", "empty_reply": "Please ask again.",
        "provider_rate_limited": "Please try again in a minute.", "provider_refused": "I cannot answer this.",
        "provider_timeout": "This took too long.", "no_source": "I do not know that.",
        "provider_unavailable": "Please try again later.",
        "model": "gpt-4o-mini", "models": ["gpt-4o-mini"], "provider": "openai", "owned_by": "mynah",
        "AnthropicMessage.model": "claude-sonnet-4-5", "AnthropicMessageRequest.model": "helper",
        "ChatCompletionRequest.model": "helper", "temperature": 0.5, "max_tokens": 300,
        "finish_reason": "stop", "stop_reason": "end_turn", "stop_sequence": .null, "refusal": .null,
        "stop_details": .null, "container": .null, "cache_creation": .null, "server_tool_use": .null,
        "inference_geo": .null, "AnthropicUsage.service_tier": .null,
        "reasoning_content": "The user greets me.", "AnthropicOutputConfig.effort": "medium",
        "ChatCompletion.service_tier": "default", "system_fingerprint": "fp_44709d6fcb", "mynah_code": .null,
        "AnthropicMessage.role": "assistant", "ChatCompletionMessage.role": "assistant",
        "ChatCompletionChunkDelta.role": "assistant",
        "AnthropicMessage.type": "message", "AnthropicTool.type": "custom",
        "AnthropicStreamEvent.type": "content_block_delta", "Model.type": "model",
        "ErrorDetail.type": "not_found_error", "ChatCompletion.object": "chat.completion",
        "ChatCompletionChunk.object": "chat.completion.chunk", "Model.object": "model", "ModelList.object": "list",
        "Response.object": "response", "DeletedResponse.object": "response", "ResponseItemList.object": "list",
        "ResponseInputTokens.object": "response.input_tokens", "ResponseStreamEvent.type": "response.output_text.delta",
        "input": "Where is my order?", "instructions": "Answer in one sentence.", "truncation": "disabled",
        "service_tier": "auto", "ResponseError.code": "server_error", "ResponseError.mynah_code": "provider_timeout",
        "Response.prompt_cache_key": "customer-7", "Response.safety_identifier": "customer-7",
        "Response.user": "customer-7", "ResponseUser.user": "customer-7", "ResponseReasoning.effort": "low",
        "ResponseReasoning.summary": "auto", "ResponseRequestReasoning.effort": "low",
        "ResponseStreamEvent.arguments": "{\"city\":\"Dhaka\"}", "ResponseStreamEvent.delta": "It is",
        "ResponseStreamEvent.text": "It is on its way.", "ResponseTextOptions.verbosity": "low",
        "ResponseIncompleteDetails.reason": "max_output_tokens",
        "created": 1_795_858_200, "prompt_tokens": 21, "completion_tokens": 9, "total_tokens": 30, "input_tokens": 21,
        "output_tokens": 9, "error_code": .null, "ErrorDetail.code": "not_found", "param": .null,
        "TextCompletion.object": "text_completion", "TextCompletionChoice.text": "there was a river.",
        "TextCompletionRequest.model": "helper", "prompt": "Once upon a time", "logprobs": .null,
        "EmbeddingRequest.model": "multilingual-e5-small",
        "EmbeddingRequest.input": ["আজ বৃষ্টি হবে", "It will rain today"],
        "EmbeddingList.object": "list", "EmbeddingList.model": "multilingual-e5-small",
        "Embedding.object": "embedding", "embedding": [0.0531, -0.0217, 0.0644],
        "OAuthError.error_description": "The user name or password is wrong.", "OAuthError.error": "invalid_grant",
        "llm_endpoint_url": "https://models.example.com/v1", "base_url": "https://api.openai.com/v1", "origins": [],
        "url": "https://chat.example.com/#/invitation/Yk3fJ2Qw",
        "NewShare.url": "https://chat.example.com/#/shared/Yk3fJ2Qw",
        "SharedSource.name": "handbook.md", "address": "192.0.2.7", "cidr": "192.0.2.0/24",
        "user_agent": "Mozilla/5.0", "action": "POST /chatbots", "outcome": "success", "detail": ["fields": ["name"]],
        "day": "2026-11-28", "kind": "mail", "last_error": .null, "engine": "sqlite", "service": "mynah",
        "version": "0.2.0", "next": .null, "stop": "END", "limit": 50, "data": "",
    ]

    private static let credentials: [String: JSONValue] = [
        "password": "seven lamps at dusk", "current_password": "seven lamps at dusk",
        "new_password": "eight lamps at dawn",
        "code": "123456", "recovery_codes": ["k7qd-2m9x"], "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "otpauth_uri": "otpauth://totp/Mynah:rahim?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Mynah",
        "access_token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIwMTkzMmY0ZSJ9.c2lnbmF0dXJl", "token_type": "bearer",
        "refresh_token": "q3Jt0c5v7Zb1Yp8x2Lw6Nd4Rk9Sm", "token": "Yk3fJ2QwZb1Yp8x2Lw6Nd4Rk9Sm",
        "token_type_hint": "refresh_token", "share_token": "Yk3fJ2QwZb1Yp8x2Lw6Nd4Rk9Sm", "visitor_token": .null,
        "ticket": "T9sm4Rk2Lw6Nd",
        "TokenRevocation.token": "q3Jt0c5v7Zb1Yp8x2Lw6Nd4Rk9Sm", "signing_secret": "mw_5v7Zb1Yp8x2Lw6Nd4Rk9Sm",
        "key": "mk_live_01932f4e_Zb1Yp8x2Lw6Nd4Rk9Sm", "prefix": "mk_live_01932f4e", "rate_limit": "60/minute",
        "api_key": "sk-example", "scopes": ["chat", "read"], "APIKeyCreate.scopes": ["chat", "read"],
        "permissions": ["users.read"], "kinds": ["api_keys"],
        "mac": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "issuer": "https://chat.example.com",
        "token_endpoint": "https://chat.example.com/auth/token",
        "revocation_endpoint": "https://chat.example.com/auth/revoke",
        "jwks_uri": "https://chat.example.com/.well-known/jwks.json",
        "service_documentation": "https://chat.example.com/docs",
        "grant_types_supported": ["password", "refresh_token"], "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none"], "revocation_endpoint_auth_methods_supported": ["none"],
    ]
}
