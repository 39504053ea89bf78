import HTTPKit

extension MailContent {
    /// - Parameter server: URL at which browsers reach this server.
    package init(_ mail: MailJob, server: String) {
        let token = mail.token ?? ""
        // The token follows the `#`, which browsers do not send: no proxy and no log sees it.
        let (verify, reset) = ("\(server)/#/verify?token=\(token)", "\(server)/#/reset?token=\(token)")
        self =
            switch (mail.kind, mail.language) {
            case (.invitation, _): Self.invitation(mail, server)
            case (.keysToCheck, _): Self.keysToCheck(mail, server)
            case (_, .english): Self.english(mail, server, verify: verify, reset: reset)
            case (_, .bengali): Self.bengali(mail, server, verify: verify, reset: reset)
            }
    }

    private static func english(_ mail: MailJob, _ server: String, verify: String, reset: String) -> MailContent {
        func letter(_ subject: String, _ paragraphs: [String], _ link: Link, _ closing: [String]) -> MailContent {
            MailContent(subject: subject, language: .english, paragraphs: paragraphs, link: link, closing: closing)
        }
        let unexpected = "If you did not ask for this, you need not do anything."
        switch mail.kind {
        case .verifyEmail:
            return letter(
                "Confirm your e-mail address",
                ["Welcome to Mynah at \(server).", "Please confirm that this e-mail address is yours."],
                Link(text: "Confirm the address", address: verify),
                ["The link works once, for 24 hours.", unexpected])
        case .changeEmail:
            return letter(
                "Confirm your new e-mail address",
                [
                    "You want to use this e-mail address for your account at \(server).",
                    "The address of your account changes when you confirm it.",
                ],
                Link(text: "Confirm the new address", address: verify),
                ["The link works once, for 24 hours.", unexpected])
        case .emailChanged:
            return letter(
                "The e-mail address of your account was changed",
                ["The e-mail address of your account at \(server) is another one now. This one is no longer used."],
                Link(text: "See your account", address: "\(server)/#/account"),
                ["If this was not you, another person knows your password: tell the people who run the server at once."]
            )
        case .resetPassword:
            return letter(
                "Choose a new password",
                ["A new password was asked for, probably by you, for your account at \(server)."],
                Link(text: "Choose a new password", address: reset),
                [
                    "The link works once, for one hour. You will be signed out everywhere, and a second factor, API keys, "
                        + "invitations and memberships that your account gave end.", unexpected,
                ])
        case .alreadyRegistered:
            return letter(
                "You have an account already",
                [
                    "This e-mail address was given, probably by you, at \(server), where it belongs to your account "
                        + "already. Nothing was changed.",
                    "Sign in as you did before. If you have forgotten your password, you can choose a new one.",
                ],
                Link(text: "Choose a new password", address: reset),
                ["The link works once, for one hour.", unexpected])
        case .secondFactorRemoved:
            return letter(
                "The second factor of your account was removed",
                [
                    "Those who run the server at \(server) have removed the second factor of your account and signed you "
                        + "out. Your password is enough to sign in now.",
                    "You can set up a second factor again on the page of your account.",
                ],
                Link(text: "See your account", address: "\(server)/#/account"),
                ["If you did not ask for this, tell those who run the server at once."])
        case .invitation, .keysToCheck: preconditionFailure("written in both languages by functions of their own")
        }
    }

    private static func bengali(_ mail: MailJob, _ server: String, verify: String, reset: String) -> MailContent {
        func letter(_ subject: String, _ paragraphs: [String], _ link: Link, _ closing: [String]) -> MailContent {
            MailContent(subject: subject, language: .bengali, paragraphs: paragraphs, link: link, closing: closing)
        }
        let unexpected = "আপনি এটি না চেয়ে থাকলে আপনাকে কিছুই করতে হবে না।"
        switch mail.kind {
        case .verifyEmail:
            return letter(
                "আপনার ই-মেইল ঠিকানা নিশ্চিত করুন",
                ["\(server) ঠিকানার Mynah-তে স্বাগতম।", "অনুগ্রহ করে নিশ্চিত করুন যে এই ই-মেইল ঠিকানাটি আপনার।"],
                Link(text: "ঠিকানা নিশ্চিত করুন", address: verify),
                ["লিংকটি একবার ব্যবহার করা যাবে, ২৪ ঘণ্টার মধ্যে।", unexpected])
        case .changeEmail:
            return letter(
                "আপনার নতুন ই-মেইল ঠিকানা নিশ্চিত করুন",
                [
                    "আপনি \(server)-এ আপনার অ্যাকাউন্টের জন্য এই ই-মেইল ঠিকানাটি ব্যবহার করতে চান।",
                    "আপনি নিশ্চিত করলে অ্যাকাউন্টের ঠিকানা বদলে যাবে।",
                ],
                Link(text: "নতুন ঠিকানা নিশ্চিত করুন", address: verify),
                ["লিংকটি একবার ব্যবহার করা যাবে, ২৪ ঘণ্টার মধ্যে।", unexpected])
        case .emailChanged:
            return letter(
                "আপনার অ্যাকাউন্টের ই-মেইল ঠিকানা বদলানো হয়েছে",
                ["\(server)-এ আপনার অ্যাকাউন্টের ই-মেইল ঠিকানা এখন অন্য একটি। এই ঠিকানাটি আর ব্যবহার করা হয় না।"],
                Link(text: "আপনার অ্যাকাউন্ট দেখুন", address: "\(server)/#/account"),
                ["এটি আপনি না করে থাকলে সার্ভার যাঁরা চালান তাঁদের এখনই জানান; অন্য কেউ আপনার পাসওয়ার্ড জানে।"])
        case .resetPassword:
            return letter(
                "নতুন পাসওয়ার্ড বেছে নিন",
                ["কেউ, সম্ভবত আপনি, \(server)-এ আপনার অ্যাকাউন্টের জন্য নতুন পাসওয়ার্ড চেয়েছেন।"],
                Link(text: "নতুন পাসওয়ার্ড বেছে নিন", address: reset),
                [
                    "লিংকটি একবার ব্যবহার করা যাবে, এক ঘণ্টার মধ্যে। সব জায়গা থেকে আপনাকে সাইন আউট করা হবে, আর আপনার "
                        + "অ্যাকাউন্টের দ্বিতীয় ধাপের যাচাই, এপিআই কী, আমন্ত্রণ ও দেওয়া সদস্যপদ শেষ হবে।", unexpected,
                ])
        case .alreadyRegistered:
            return letter(
                "আপনার একটি অ্যাকাউন্ট আগে থেকেই আছে",
                [
                    "কেউ, সম্ভবত আপনি, \(server)-এ এই ই-মেইল ঠিকানাটি দিয়েছেন; এটি আগে থেকেই আপনার অ্যাকাউন্টের ঠিকানা। "
                        + "কিছুই বদলানো হয়নি।",
                    "আগের মতোই সাইন ইন করুন। পাসওয়ার্ড ভুলে গিয়ে থাকলে নতুন একটি বেছে নিতে পারেন।",
                ],
                Link(text: "নতুন পাসওয়ার্ড বেছে নিন", address: reset),
                ["লিংকটি একবার ব্যবহার করা যাবে, এক ঘণ্টার মধ্যে।", unexpected])
        case .secondFactorRemoved:
            return letter(
                "আপনার অ্যাকাউন্টের দ্বিতীয় ধাপের যাচাই সরানো হয়েছে",
                [
                    "\(server)-এর সার্ভার যাঁরা চালান তাঁরা আপনার অ্যাকাউন্টের দ্বিতীয় ধাপের যাচাই সরিয়ে আপনাকে সাইন আউট করেছেন। "
                        + "এখন সাইন ইন করতে শুধু আপনার পাসওয়ার্ড লাগবে।",
                    "আপনার অ্যাকাউন্টের পাতায় দ্বিতীয় ধাপের যাচাই আবার চালু করতে পারেন।",
                ],
                Link(text: "আপনার অ্যাকাউন্ট দেখুন", address: "\(server)/#/account"),
                ["আপনি এটি না চেয়ে থাকলে সার্ভার যাঁরা চালান তাঁদের এখনই জানান।"])
        case .invitation, .keysToCheck: preconditionFailure("written in both languages by functions of their own")
        }
    }
}
