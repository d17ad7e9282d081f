#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "jobs/executors/inline.h"
#include "tests/support/fake_clock.h"

namespace yard::jobs {
namespace {

JobId id_of(std::uint8_t last) {
  Uuid uuid;
  uuid.octets[15] = last;
  return JobId(uuid);
}

std::vector<Report> run(const Runner& runner, std::vector<Work> work) {
  FakeClock clock;
  std::vector<Report> reports;
  InlineExecutor executor(runner, [&](Report&& report) { reports.push_back(std::move(report)); }, clock);
  executor.start(work);
  EXPECT_TRUE(work.empty());
  return reports;
}

TEST(InlineExecutor, HasDoneTheWorkInItsOrderWhenStartReturns) {
  const auto reports =
      run([](const Work&, JobContext&, PackWriter& result) -> Status { return result.map(0), Status{}; },
          {{.id = id_of(1), .fence = 11}, {.id = id_of(2), .fence = 12}});
  ASSERT_EQ(reports.size(), 4u);
  EXPECT_TRUE(std::holds_alternative<Started>(reports[0].what));
  EXPECT_TRUE(std::holds_alternative<Finished>(reports[1].what));
  EXPECT_EQ(reports[1].id, id_of(1));
  EXPECT_EQ(reports[3].fence, 12u);
}

TEST(InlineExecutor, TurnsAnExceptionIntoTheJobsError) {
  const auto reports = run([](const Work&, JobContext&, PackWriter&) -> Status { throw std::runtime_error("oh"); },
                           {{.id = id_of(1), .tool = "bad"}});
  const auto& finished = std::get<Finished>(reports.back().what);
  ASSERT_FALSE(finished.outcome.has_value());
  EXPECT_EQ(finished.outcome.error().code, ErrorCode::kInternal);
}

TEST(InlineExecutor, SplitsALargeChunkAndKeepsItsBytes) {
  const Bytes large(600'000, 'x');
  const auto reports = run(
      [&](const Work&, JobContext& context, PackWriter& result) -> Status {
        context.chunk(large);
        return result.map(0), Status{};
      },
      {{.id = id_of(1)}});
  Bytes all;
  for (const Report& report : reports) {
    if (const auto* chunk = std::get_if<Chunked>(&report.what)) {
      EXPECT_LE(chunk->data.size(), 256u << 10);
      all += chunk->data;
    }
  }
  EXPECT_EQ(all, large);
}

}  // namespace
}  // namespace yard::jobs
