/// Which of the local model's slots a call takes. Its process reads the prompts of its slots in their order, so that a
/// short prompt would wait for a long one in a slot before its own: long ones take the last slots, short ones the first.
struct LocalSlots {
    fileprivate struct Slot {
        var isTaken = false
        /// A hash of each message that the slot has read: what it need not read again.
        var known: [Int] = []
        var lastUse: UInt64 = 0
    }

    private var slots: [Slot]
    private var uses: UInt64 = 0

    init(count: Int) {
        slots = Array(repeating: Slot(), count: count)
    }

    /// Nil if none is free. Of the slots for prompts of this kind, the one that has read most of it already, or else the
    /// one whose last use was longest ago.
    mutating func take(_ messages: [ChatMessage], isLong: Bool) -> Int? {
        let asked = messages.map(Self.hash)
        let free = slots.indices.filter { !slots[$0].isTaken }
        let own = free.filter { ($0 >= slots.count / 2) == isLong }
        let candidates = own.isEmpty ? (isLong ? free.suffix(1) : free.prefix(1)) : own[...]
        let best = candidates.max { one, other in
            let (first, second) = (slots[one].shared(with: asked), slots[other].shared(with: asked))
            return first == second ? slots[one].lastUse > slots[other].lastUse : first < second
        }
        guard let best else { return nil }
        uses += 1
        slots[best] = Slot(isTaken: true, known: asked, lastUse: uses)
        return best
    }

    mutating func release(_ slot: Int) { slots[slot].isTaken = false }

    private static func hash(_ message: ChatMessage) -> Int {
        var hasher = Hasher()
        hasher.combine(message.role)
        hasher.combine(message.content)
        return hasher.finalize()
    }
}

extension LocalSlots.Slot {
    /// How many messages the slot has read if the prompt goes on from them, else 0: the same instructions are common.
    fileprivate func shared(with asked: [Int]) -> Int { asked.starts(with: known) ? known.count : 0 }
}
