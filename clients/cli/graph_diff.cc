// graph diff: where two runs part.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>

#include "clients/cli/graph_commands.h"
#include "clients/cli/graph_journal.h"
#include "clients/cli/output.h"
#include "engine/base/hash.h"
#include "engine/world/record_json.h"

namespace yard::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr const char* kDiffExamples =
    "  switchyard graph diff run1 run2\n"
    "  switchyard graph diff at100.json at120.json\n"
    "\n"
    "Journals are compared record by record, snapshots (what run and replay --json print) output by output. The exit "
    "code\n"
    "is 1 where they differ.\n";
constexpr std::size_t kDifferencesMax = 20;

// Prints what is not the same, and counts it.
class Differences {
 public:
  explicit Differences(bool as_json) : as_json_(as_json) {}

  void add(const std::string& where, const json& one, const json& other) {
    if (++count_ > kDifferencesMax) return;
    if (as_json_)
      print_line(text_of({{"where", where}, {"first", one}, {"second", other}}));
    else
      print_line(one_line(where) + ": " + one_line(text_of(one)) + " | " + one_line(text_of(other)));
  }
  void leave_out(std::size_t more) { count_ += more; }
  [[nodiscard]] Outcome outcome(const std::string& one, const std::string& other) const {
    if (count_ == 0) {
      if (!as_json_) print_line("the same");
      return {};
    }
    return std::unexpected(Failure({.code = ErrorCode::kConflict,
                                    .message = one + " and " + other + " differ in " + std::to_string(count_) +
                                               (count_ == 1 ? " place" : " places") +
                                               (count_ > kDifferencesMax ? " at least; the first are shown" : "")}));
  }

 private:
  bool as_json_;
  std::size_t count_ = 0;
};

// An ordered object searches all of its members for one.
std::unordered_map<std::string_view, const json*> by_name(const json& object) {
  std::unordered_map<std::string_view, const json*> members;
  for (const auto& [name, value] : object.items()) members.emplace(name, &value);
  return members;
}

void compare(const std::string& where, const json& one, const json& other, Differences& differences) {
  const auto first = by_name(one);
  const auto second = by_name(other);
  for (const auto& [name, value] : one.items()) {
    const auto found = second.find(name);
    if (found == second.end())
      differences.add(where + name, value, nullptr);
    else if (*found->second != value)
      differences.add(where + name, value, *found->second);
  }
  for (const auto& [name, value] : other.items())
    if (!first.contains(name)) differences.add(where + name, nullptr, value);
}

// What each record says, in 8 bytes, so that journals of any length can be laid beside each other.
struct Prints {
  std::vector<std::uint64_t> hashes;
  std::uint64_t first_seq = 1;

  static Result<Prints> of(const GraphJournal& journal) {
    Prints prints;
    YARD_TRY_STATUS(journal.each([&](std::uint64_t seq, const tickets::Record& record, const graph::Image*) {
      if (prints.hashes.empty()) prints.first_seq = seq;
      const std::uint64_t head[] = {static_cast<std::uint64_t>(record.head.kind), record.head.joined, record.head.lane,
                                    record.head.event_id};
      prints.hashes.push_back(hash64(record.body, hash64({reinterpret_cast<const char*>(head), sizeof head})));
    }));
    return prints;
  }
};

// The records with these numbers.
Result<std::map<std::uint64_t, json>> rows_of(const GraphJournal& journal, const std::set<std::uint64_t>& seqs) {
  std::map<std::uint64_t, json> rows;
  YARD_TRY_STATUS(journal.each([&](std::uint64_t seq, const tickets::Record& record, const graph::Image* image) {
    if (seqs.contains(seq)) rows.emplace(seq, to_json(record, image));
  }));
  return rows;
}

Outcome diff_journals(const std::string& one, const std::string& other, bool as_json) {
  YARD_TRY(const GraphJournal first, GraphJournal::open(one));
  YARD_TRY(const GraphJournal second, GraphJournal::open(other));
  YARD_TRY(const Prints ours, Prints::of(first));
  YARD_TRY(const Prints theirs, Prints::of(second));
  if (ours.first_seq != theirs.first_seq)
    return usage_failure("one begins with record " + std::to_string(ours.first_seq) + ", the other with " +
                         std::to_string(theirs.first_seq) + ": compare journals that reach back as far");
  std::set<std::uint64_t> shown;
  std::size_t differing = 0;
  for (std::size_t i = 0; i < std::max(ours.hashes.size(), theirs.hashes.size()); ++i) {
    if (i < ours.hashes.size() && i < theirs.hashes.size() && ours.hashes[i] == theirs.hashes[i]) continue;
    if (++differing <= kDifferencesMax) shown.insert(ours.first_seq + i);
  }
  YARD_TRY(const auto our_rows, rows_of(first, shown));
  YARD_TRY(const auto their_rows, rows_of(second, shown));
  Differences differences(as_json);
  for (const std::uint64_t seq : shown) {
    const auto ours_at = our_rows.find(seq);
    const auto theirs_at = their_rows.find(seq);
    const std::string where = "seq " + std::to_string(seq);
    if (ours_at == our_rows.end() || theirs_at == their_rows.end())
      differences.add(where, ours_at == our_rows.end() ? json() : ours_at->second,
                      theirs_at == their_rows.end() ? json() : theirs_at->second);
    else
      compare(where + " " + ours_at->second["kind"].get<std::string>() + " ", ours_at->second, theirs_at->second,
              differences);
  }
  differences.leave_out(differing - shown.size());
  return differences.outcome(one, other);
}

// The last snapshot in a file of lines.
Result<json> read_snapshot(const std::string& file) {
  std::ifstream in(file);
  if (!in) return fail(ErrorCode::kNotFound, "cannot read " + file);
  json found;
  for (std::string line; std::getline(in, line);) {
    json row = json::parse(line, nullptr, false);
    if (row.is_object() && row.value("type", "") == "snapshot") found = std::move(row);
  }
  if (found.is_null())
    return fail(ErrorCode::kBadRequest, file + " has no snapshot: a line with \"type\": \"snapshot\"");
  return found;
}

Outcome diff(const std::string& one, const std::string& other, bool as_json) {
  const bool are_folders = std::filesystem::is_directory(one);
  if (are_folders != std::filesystem::is_directory(other))
    return usage_failure("compare two journals, or two snapshots: one of these is a folder, the other is not");
  if (are_folders) return diff_journals(one, other, as_json);
  YARD_TRY(const json first, read_snapshot(one));
  YARD_TRY(const json second, read_snapshot(other));
  Differences differences(as_json);
  compare("", first, second, differences);
  return differences.outcome(one, other);
}

}  // namespace

void add_graph_diff(CLI::App& graph, Context& context) {
  const auto files = std::make_shared<std::pair<std::string, std::string>>();
  CLI::App* command =
      add_graph_command(graph, context, "diff", "Show where two journals, or two snapshots, differ", kDiffExamples);
  command->add_option("first", files->first, "A journal's folder, or a file with a snapshot")->required();
  command->add_option("second", files->second, "Another one")->required();
  command->callback([&context, files] {
    context.action = [&context, files] { return diff(files->first, files->second, context.json); };
  });
}

}  // namespace yard::cli
