import HTTPKit

/// Letters about workspaces that people share.
extension MailContent {
    package static func invitation(_ mail: MailJob, _ server: String) -> MailContent {
        let link = "\(server)/#/invitation/\(mail.token ?? "")"
        let (person, workspace) = (named(mail.about?.person), named(mail.about?.workspace))
        let role = mail.about?.role ?? .viewer
        switch mail.language {
        case .english:
            let inviter = person ?? "A user"
            let place = workspace.map { "the workspace “\($0)”" } ?? "a workspace"
            return MailContent(
                subject: "You are invited to a workspace", language: .english,
                paragraphs: [
                    "\(inviter) invites you to \(place) at \(server). Your role would be: \(role.rawValue).",
                    "Nothing changes until you accept. For that you need an account at \(server).",
                ],
                link: Link(text: "See the invitation", address: link),
                closing: [
                    "The link works once, for 7 days.", "If you do not know the sender, you need not do anything.",
                ])
        case .bengali:
            let inviter = person ?? "একজন ব্যবহারকারী"
            let place = workspace.map { "“\($0)” ওয়ার্কস্পেসে" } ?? "একটি ওয়ার্কস্পেসে"
            let name =
                switch role {
                case .owner: "মালিক"
                case .editor: "সম্পাদক"
                case .viewer: "দর্শক"
                }
            return MailContent(
                subject: "আপনাকে একটি ওয়ার্কস্পেসে আমন্ত্রণ জানানো হয়েছে", language: .bengali,
                paragraphs: [
                    "\(inviter) আপনাকে \(server)-এর \(place) আমন্ত্রণ জানিয়েছেন। আপনার ভূমিকা হবে: \(name)।",
                    "আপনি গ্রহণ না করা পর্যন্ত কিছুই বদলাবে না। গ্রহণ করতে \(server)-এ একটি অ্যাকাউন্ট লাগবে।",
                ],
                link: Link(text: "আমন্ত্রণটি দেখুন", address: link),
                closing: [
                    "লিংকটি একবার ব্যবহার করা যাবে, ৭ দিনের মধ্যে।", "প্রেরককে না চিনলে আপনাকে কিছুই করতে হবে না।",
                ])
        }
    }

    package static func keysToCheck(_ mail: MailJob, _ server: String) -> MailContent {
        let keys = mail.about?.keys ?? []
        let calls = mail.about?.calls ?? []
        let (person, workspace) = (named(mail.about?.person), named(mail.about?.workspace))
        switch mail.language {
        case .english:
            let place = workspace.map { "the workspace “\($0)”" } ?? "a workspace of yours"
            return MailContent(
                subject: "Check the API keys of a workspace", language: .english,
                paragraphs: [
                    "\(person ?? "A user") has chosen a new password by mail at \(server). Another person may have used the "
                        + "account before.",
                    "These API keys of \(place) were made or seen by it, or by members that it had brought in, and still "
                        + "work:",
                ] + keys + ["To end them, call:"] + calls,
                link: Link(text: "See your chatbots", address: "\(server)/#/chatbots"),
                closing: ["If the keys are in order, you need not do anything."])
        case .bengali:
            let place = workspace.map { "“\($0)” ওয়ার্কস্পেসের" } ?? "আপনার একটি ওয়ার্কস্পেসের"
            return MailContent(
                subject: "একটি ওয়ার্কস্পেসের এপিআই কী দেখে নিন", language: .bengali,
                paragraphs: [
                    "\(person ?? "একজন ব্যবহারকারী") \(server)-এ মেইলের মাধ্যমে নতুন পাসওয়ার্ড বেছে নিয়েছেন। এর আগে অন্য কেউ "
                        + "অ্যাকাউন্টটি ব্যবহার করে থাকতে পারে।",
                    "\(place) এই এপিআই কীগুলো ওই অ্যাকাউন্ট, বা তার আনা সদস্যরা, তৈরি করেছে বা দেখেছে, এবং এগুলো এখনও কাজ করে:",
                ] + keys + ["এগুলো বন্ধ করতে এই কল করুন:"] + calls,
                link: Link(text: "আপনার চ্যাটবটগুলো দেখুন", address: "\(server)/#/chatbots"),
                closing: ["কীগুলো ঠিক থাকলে আপনাকে কিছুই করতে হবে না।"])
        }
    }

    /// A name that a stranger chose, as a letter may show it: short, and nothing that a mail program makes a link of.
    private static func named(_ name: String?) -> String? {
        guard let name, !name.contains("/"), !name.contains(where: \.isNewline),
            name.wholeMatch(of: /.*[\p{L}\p{N}][.。．｡]\p{L}.*/) == nil || name.contains("@")
        else { return nil }
        return name.count > 80 ? String(name.prefix(80)) + "…" : name
    }
}
