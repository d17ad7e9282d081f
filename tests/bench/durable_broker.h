// A broker whose log lies on this machine's disk, and jobs that do nothing.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "jobs/logs/journal_log.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/temp_dir.h"

namespace yard::bench {

// Of a client with a thousand jobs on their way.
inline constexpr int kJobWindow = 1'000;

inline constexpr std::uint32_t kJobBudgetMs = 20'000;

[[nodiscard]] std::unique_ptr<jobs::JournalLog> open_log(const std::filesystem::path& folder);

// In msgpack.
inline const Bytes kNoArguments(1, static_cast<char>(0x80));

struct DurableBroker {
  testing::TempDir folder;
  std::unique_ptr<jobs::JournalLog> log = open_log(folder.path());
  testing::BrokerFixture broker{{.log = log.get()}};
  testing::RawSession session{broker.endpoints()};
};

// Thousands of jobs a second from submit to result, kJobWindow of them on their way.
[[nodiscard]] double jobs_k(testing::RawSession& session, std::string_view tool, int count);

}  // namespace yard::bench
