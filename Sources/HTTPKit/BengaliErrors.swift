extension APIError.Code {
    /// The text of each code in Bengali, with the meaning of the English one.
    package var bengaliText: String {
        switch self {
        case .malformedBody: "অনুরোধের মূল অংশটি সঠিক JSON নয়।"
        case .duplicateKey: "অনুরোধের মূল অংশে একই ঘরের নাম দুবার আছে।"
        case .notUTF8: "অনুরোধের মূল অংশটি সঠিক UTF-8 নয়।"
        case .invalidHandshake: "এই WebSocket সংযোগের সূচনা সঠিক নয়।"
        case .missingCredentials: "আগে সাইন ইন করুন: 'Authorization: Bearer <access token>' পাঠান।"
        case .invalidCredentials: "ব্যবহারকারীর নাম বা পাসওয়ার্ড ভুল।"
        case .mfaRequired: "পাসওয়ার্ড ঠিক আছে। সঙ্গে দ্বিতীয় ধাপের 'code'-ও পাঠান।"
        case .invalidCode: "কোডটি ভুল, বা আগেই ব্যবহার করা হয়েছে। অথেন্টিকেটরের পরের কোডটি পাঠান।"
        case .invalidToken: "টোকেনটি বৈধ নয় বা তার মেয়াদ শেষ হয়ে গেছে। আবার সাইন ইন করুন।"
        case .invalidTicket: "টিকিটটি বৈধ নয়, বা আগেই ব্যবহার করা হয়েছে। নতুন একটি নিন।"
        case .invalidVisitor: "দর্শনার্থীর এই টোকেনটি বৈধ নয় বা তার মেয়াদ শেষ হয়ে গেছে।"
        case .tokenReused: "এই রিফ্রেশ টোকেনটি আগে ব্যবহার করা হয়েছে, তাই সেশনটি শেষ করে দেওয়া হয়েছে। আবার সাইন ইন করুন।"
        case .wrongPassword: "পাসওয়ার্ডটি ভুল।"
        case .reauthenticationRequired:
            "এই কাজের জন্য আপনার সাইন-ইন অনেক পুরোনো। সঙ্গে আপনার 'password'-ও পাঠান, অথবা আবার সাইন ইন করুন।"
        case .invalidAPIKey: "এই API কী বৈধ নয়।"
        case .keyRevoked: "এই API কী বাতিল করা হয়েছে। নতুন একটি তৈরি করুন।"
        case .keyExpired: "এই API কী-এর মেয়াদ শেষ হয়ে গেছে। নতুন একটি তৈরি করুন।"
        case .keyNotForChatbot: "এই API কী এই চ্যাটবটের জন্য নয়।"
        case .keyNotAllowed: "এই কাজে এই API কী ব্যবহার করা যায় না।"
        case .budgetExhausted: "এই API কী-এর বাজেট শেষ হয়ে গেছে।"
        case .insufficientCredits: "এর জন্য এই ওয়ার্কস্পেসের মালিকের যথেষ্ট ক্রেডিট নেই।"
        case .dailyLimitReached: "আজকের সীমা শেষ হয়ে গেছে। নতুন দিন শুরু হয় UTC সময় মধ্যরাতে।"
        case .planLimitReached: "আপনার প্ল্যানে এর চেয়ে বেশি নেওয়া যায় না।"
        case .modelNotInPlan: "এই মডেলটি আপনার প্ল্যানে নেই।"
        case .modelNotPriced: "এই সার্ভারে এই মডেলের কোনো দাম ঠিক করা নেই। পরিচালককে জানান, বা অন্য মডেল বেছে নিন।"
        case .rateLimited: "অনেক বেশি অনুরোধ এসেছে। একটু পরে আবার চেষ্টা করুন।"
        case .tooMuchAtOnce: "আপনার চলমান অনুরোধগুলি একসঙ্গে অনেক বড়। কয়েকটি শেষ হওয়া পর্যন্ত অপেক্ষা করুন।"
        case .forbidden: "আপনার এই কাজ করার অনুমতি নেই।"
        case .accessRequired: "আগে এই কথোপকথন দেখার অনুমতি চান, এবং কারণ জানান।"
        case .originRefused: "কনসোলের কুকিসহ অনুরোধ শুধু কনসোলের নিজের পাতা থেকেই আসতে পারে।"
        case .addressRefused: "আপনার ঠিকানা থেকে এই সার্ভার ব্যবহার করা যায় না।"
        case .registrationClosed: "এই সার্ভারে এখন নতুন নিবন্ধন নেওয়া হচ্ছে না।"
        case .notFound: "এই ঠিকানায় কিছু নেই, অথবা তা আপনার নয়।"
        case .modelNotFound:
            "এখানে এমন কোনো মডেল নেই, অথবা তা আপনার নয়। চ্যাটবটের id বা slug দিন, বা /v1/models দেখুন।"
        case .modelAmbiguous: "আপনার একাধিক চ্যাটবটের slug এটি। চ্যাটবটের id দিন।"
        case .previousResponseNotFound:
            "যে উত্তরটি চালিয়ে নেওয়ার কথা, সেটি সংরক্ষিত নেই, বা সেটি আপনার নয়।"
        case .methodNotAllowed: "এই ঠিকানায় এই মেথড চলে না।"
        case .conflict: "আগে থেকে আছে এমন কিছুর সঙ্গে এটি মেলে না।"
        case .usernameTaken: "এই ব্যবহারকারীর নামটি আগেই নেওয়া হয়েছে। অন্য একটি বেছে নিন।"
        case .emailTaken: "এই ই-মেইল ঠিকানা দিয়ে আগেই নিবন্ধন করা হয়েছে। বরং সাইন ইন করুন।"
        case .slugTaken: "এই ওয়ার্কস্পেসের আরেকটি চ্যাটবটের slug এটিই। অন্য একটি বেছে নিন।"
        case .alreadyMember: "এই ব্যবহারকারী আগে থেকেই সদস্য। বরং তাঁর ভূমিকা বদলান।"
        case .lastOwner: "ওয়ার্কস্পেসের একজন মালিক থাকতেই হবে। আগে অন্য কোনো সদস্যকে মালিক করুন, যিনি তা গ্রহণ করবেন।"
        case .lastAdmin: "সব অনুমতিসহ অন্তত একজন সক্রিয় অ্যাডমিন থাকতেই হবে। আগে আরেকজনকে অ্যাডমিন করুন।"
        case .personalWorkspace: "ব্যক্তিগত ওয়ার্কস্পেস মুছে ফেলা বা ভাগ করা যায় না। অন্য একটি ওয়ার্কস্পেস তৈরি করুন।"
        case .otherWorkspace: "এই চ্যাটবটটি কথোপকথনের ওয়ার্কস্পেসের নয়, অন্য একটি ওয়ার্কস্পেসের।"
        case .defaultChatbot: "ডিফল্ট চ্যাটবট মুছে ফেলা যায় না। আগে অন্য একটিকে ডিফল্ট করুন।"
        case .conversationBusy: "এই কথোপকথনে এখনো একটি উত্তর লেখা হচ্ছে। অপেক্ষা করুন, বা সেটি থামান।"
        case .wouldLockOut: "এই পরিবর্তন করলে আপনার নিজের ঠিকানাই আটকে যাবে। আগে সেটির অনুমতি দিন।"
        case .nothingToRegenerate: "এই কথোপকথনে আবার উত্তর দেওয়ার মতো কোনো বার্তা নেই।"
        case .idempotencyInProgress: "এই Idempotency-Key-এর প্রথম অনুরোধটি এখনো চলছে। একটু পরে আবার চেষ্টা করুন।"
        case .tooLarge: "অনুরোধের মূল অংশটি অনেক বড়।"
        case .upgradeRequired: "এখানে ১৩ সংস্করণের একটি WebSocket খুলুন।"
        case .unsupportedMediaType: "এই Content-Type এখানে চলে না। application/json পাঠান।"
        case .invalidValue: "একটি মান গ্রহণযোগ্য নয়।"
        case .missingField: "আবশ্যক একটি ঘর দেওয়া হয়নি।"
        case .invalidCursor: "এই কার্সরটি এই তালিকার নয়। 'after' ছাড়া আবার শুরু করুন।"
        case .passwordTooCommon: "এই পাসওয়ার্ডটি খুবই প্রচলিত। অন্য একটি বেছে নিন।"
        case .invalidLink: "লিঙ্কটি বৈধ নয়, মেয়াদ শেষ, বা আগেই ব্যবহার করা হয়েছে। নতুন একটি চান।"
        case .modelNotAllowed: "এই চ্যাটবটে ওই মডেলটি নেই।"
        case .toolNotAllowed: "এই টুলটি মডেলের সরবরাহকারীর কাছে চলে, আর এখানে তার কোনো দাম ঠিক করা নেই।"
        case .unsupportedInput: "মডেলটি এই ধরনের কিছু নিতে পারে না।"
        case .messageTooLong: "বার্তা ও চ্যাটবটের নির্দেশ মিলে মডেলের ধারণক্ষমতার চেয়ে বড়। বার্তাটি ছোট করুন।"
        case .idempotencyMismatch: "এই Idempotency-Key অন্য একটি অনুরোধে ব্যবহার করা হয়েছে। নতুন একটি দিন।"
        case .overloaded: "সার্ভার এখন ব্যস্ত। একটু পরে আবার চেষ্টা করুন।"
        case .internalError: "এখানে কিছু একটা ভুল হয়েছে। request id দিলে পরিচালক কারণটি খুঁজে পাবেন।"
        case .databaseBusy: "ডেটাবেস এখন ব্যস্ত। একটু পরে আবার চেষ্টা করুন।"
        case .databaseFull: "এটি রাখার মতো জায়গা সার্ভারে আর নেই। পরে আবার চেষ্টা করুন।"
        case .fileStoreFull: "এই ফাইলটি রাখার মতো জায়গা আর নেই। পরে আবার চেষ্টা করুন।"
        case .fileStoreUnavailable: "ফাইল এখন রাখা বা পড়া যাচ্ছে না। একটু পরে আবার চেষ্টা করুন।"
        case .uploadIncomplete: "এই আপলোডের একটি অংশ এখনো আসেনি।"
        case .robotsDisallowed:
            "সাইটটির robots.txt এই পাতা পড়তে দেয় না, অথবা সাইটটি তার robots.txt দিতে পারেনি।"
        case .databaseUnavailable: "ডেটাবেস এখন পাওয়া যাচ্ছে না। একটু পরে আবার চেষ্টা করুন।"
        case .modelLoading: "স্থানীয় মডেলটি এখনো চালু হচ্ছে। কয়েক সেকেন্ড পরে আবার চেষ্টা করুন।"
        case .shuttingDown: "সার্ভারটি আবার চালু হচ্ছে। একটু পরে আবার চেষ্টা করুন।"
        case .providerUnavailable: "মডেলের সেবাদাতাকে এখন পাওয়া যাচ্ছে না।"
        case .providerTimeout: "উত্তর দিতে মডেলের অনেক বেশি সময় লেগেছে।"
        case .providerRateLimited: "মডেলের সেবাদাতা অনুরোধের সংখ্যা সীমিত রেখেছে।"
        case .providerRefused: "মডেলের সেবাদাতা এই অনুরোধ গ্রহণ করেনি।"
        case .emptyReply: "মডেল কোনো উত্তর দেয়নি।"
        case .invalidReply: "মডেলের সেবাদাতা যা চাওয়া হয়েছিল তা পাঠায়নি।"
        case .replyLimitReached: "উত্তর শুরু করার আগেই মডেলটি তার টোকেনের সীমা শেষ করে ফেলেছে।"
        }
    }
}

extension APIError {
    /// What the reader is shown, in the reader's language. A message of its own in English has a Bengali one beside it, or
    /// else stands for its code's text, with the field's name.
    package var shownMessage: String {
        guard language == .bengali else { return message }
        if let bengali { return bengali }
        guard message != code.text, let param else { return code.bengaliText }
        switch code {
        case .invalidValue: return "'\(param)' ঘরের মানটি গ্রহণযোগ্য নয়।"
        case .missingField: return "'\(param)' ঘরটি দেওয়া আবশ্যক।"
        default: return code.bengaliText
        }
    }
}
