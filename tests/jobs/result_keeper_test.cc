#include "jobs/result_keeper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <semaphore>

namespace yard::jobs {
namespace {

std::vector<Report> results(std::initializer_list<std::string_view> bodies) {
  std::vector<Report> reports;
  for (const std::string_view body : bodies)
    reports.push_back({.id = {}, .fence = reports.size() + 1, .what = Finished{.outcome = Bytes(body)}});
  return reports;
}

TEST(ResultKeeperConcurrent, ReportsComeBackWithTheReferenceOrTheError) {
  std::counting_semaphore<> came(0);
  ReportQueue queue(10, [&] { came.release(); });
  ResultKeeper keeper(
      [](BytesView result) -> Result<Bytes> {
        if (result == "bad") return fail(ErrorCode::kIo, "no room");
        return "at " + Bytes(result);
      },
      queue);
  auto reports = results({"one", "bad", "two"});
  keeper.keep(reports);
  EXPECT_TRUE(reports.empty());
  std::vector<Report> all;
  while (all.size() < 3) {
    if (queue.prepare_to_wait()) came.acquire();
    std::vector<Report> some;
    queue.drain(some);
    std::ranges::move(some, std::back_inserter(all));
  }
  queue.close();
  const auto& one = std::get<Finished>(all[0].what);
  EXPECT_EQ(one.outcome, Bytes("at one"));
  EXPECT_TRUE(one.by_reference);
  const auto& bad = std::get<Finished>(all[1].what);
  ASSERT_FALSE(bad.outcome);
  EXPECT_EQ(bad.outcome.error().code, ErrorCode::kIo);
  EXPECT_FALSE(bad.by_reference);
  EXPECT_EQ(all[2].fence, 3u) << "in order";
}

}  // namespace
}  // namespace yard::jobs
