// A bank as a ledger: accounts that pay each other, a fee budget for all, notices that go outside.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/little_endian.h"
#include "engine/tickets/ledger.h"
#include "tests/support/seed.h"

namespace yard::tickets::bank {

inline constexpr ReducerId kAccount{0};
inline constexpr CellId kTurnover{0};
inline constexpr BudgetId kFreeTransfers{0};
inline constexpr std::uint64_t kOpening = 1'000;
inline constexpr std::uint64_t kNoticeFrom = 90;

inline Bytes packed(std::uint64_t number) {
  Bytes bytes(8, '\0');
  store_le(bytes.data(), number);
  return bytes;
}
inline std::uint64_t unpacked(BytesView bytes) { return bytes.size() < 8 ? 0 : load_le<std::uint64_t>(bytes, 0); }
inline Bytes account(std::uint64_t number) { return "account-" + std::to_string(number); }

// A payment is packed(amount) and the account it goes to; without one it arrives here.
inline Bytes payment(std::uint64_t amount, BytesView to = {}) { return packed(amount).append(to); }

inline std::uint64_t balance(const StateView& view, BytesView key) { return unpacked(view.state({kAccount, key})); }

// Pays if there is enough and the receiver is not much richer, which is a read that others' payments change.
inline Status pay(StepContext& step, std::uint64_t amount, BytesView to, bool count_turnover) {
  const std::uint64_t mine = unpacked(step.state());
  const std::uint64_t theirs = unpacked(step.read(EntityName{kAccount, to}));
  if (mine < amount) return fail(ErrorCode::kDenied, "not enough money");
  if (theirs > mine * 4 || !step.request(kFreeTransfers, 1)) return {};
  step.write(packed(mine - amount));
  step.emit({kAccount, to}, payment(amount));
  if (count_turnover) step.write(kTurnover, packed(unpacked(step.read(kTurnover)) + amount));
  if (amount >= kNoticeFrom)
    step.effect({.kind = "notice", .params = pack_map([&](PackMap& map) { map.natural("amount", amount); })});
  return {};
}

inline Status account_step(StepContext& step, bool count_turnover) {
  if (step.event().is_receipt) return {};
  const BytesView payload = step.event().payload;
  const std::uint64_t amount = unpacked(payload);
  if (payload.size() > 8) return pay(step, amount, payload.substr(8), count_turnover);
  step.write(packed(unpacked(step.state()) + amount));
  return {};
}

struct Setting {
  bool count_turnover = false;  // every payment writes the one cell: nothing but conflicts
  LedgerOptions options = {.level = JournalLevel::kFull, .lanes = 4};
};

inline Definition definition(const Setting& setting) {
  const bool count = setting.count_turnover;
  return {.reducers = {{"account", [count](StepContext& step) { return account_step(step, count); }}},
          .cells = {{"turnover", {}}},
          .budgets = {{"free transfers", 2'000}},
          .invariants = {{"nobody has everything",
                          [](const StateView& after, const EntityName& changed) {
                            return balance(after, changed.key) < 1'000'000;
                          }}},
          .options = setting.options};
}

// Opens accounts and has random ones pay each other, in rounds; between them, receipts for half of the notices.
inline Status play(Ledger& ledger, std::uint64_t seed, std::uint64_t accounts, int rounds) {
  SeededRandom random(seed);
  for (std::uint64_t i = 0; i < accounts; ++i)
    YARD_TRY_STATUS(ledger.deliver({kAccount, account(i)}, payment(kOpening)));
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 150; ++i) {
      const Bytes from = account(below(random, accounts));
      const Bytes to = account(below(random, accounts));
      YARD_TRY_STATUS(ledger.deliver({kAccount, from}, payment(below(random, 100), to),
                                     static_cast<std::uint8_t>(below(random, kPriorities))));
    }
    if (const auto settled = ledger.settle(round % 2 == 0 ? UINT64_MAX : 1); !settled)
      return std::unexpected(settled.error());
    for (const Effect& effect : ledger.take_effects())
      if (random.next() % 2 == 0) YARD_TRY_STATUS(ledger.receipt(effect.intent, true, "seen"));
  }
  YARD_TRY(const Settled settled, ledger.settle());
  return settled.quiescent ? Status() : fail(ErrorCode::kInternal, "the bank does not come to rest");
}

inline std::uint64_t money(const Ledger& ledger, std::uint64_t accounts) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < accounts; ++i) sum += balance(ledger.view(), account(i));
  return sum;
}

}  // namespace yard::tickets::bank
