// Runs a fuzzer once over each file below the folders or files named on the command line, and over
// every prefix of it: a committed seed is a test even where libFuzzer is not at hand.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

constexpr std::size_t kPrefixesMax = 4096;  // a longer seed is cut at evenly spaced places

std::vector<std::filesystem::path> files_below(const std::filesystem::path& place) {
  if (!std::filesystem::is_directory(place)) return {place};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void run(const std::string& bytes, std::size_t length) {
  // A copy of exactly this length, so that the address sanitizer sees a read behind it.
  const std::vector<std::uint8_t> input(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t seeds = 0;
  std::size_t inputs = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& file : files_below(argv[i])) {
      std::ifstream stream(file, std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
      if (!stream) {
        std::fprintf(stderr, "cannot read %s\n", file.c_str());
        return 1;
      }
      const std::size_t step = bytes.size() / kPrefixesMax + 1;
      for (std::size_t length = 0; length < bytes.size(); length += step, ++inputs) run(bytes, length);
      run(bytes, bytes.size());
      ++seeds;
      ++inputs;
    }
  }
  std::printf("replayed %zu seeds, %zu inputs\n", seeds, inputs);
  return seeds > 0 ? 0 : 1;
}
