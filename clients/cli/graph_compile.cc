// graph compile: a graph as C++.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "clients/cli/graph_commands.h"
#include "clients/cli/output.h"
#include "engine/aot/generate.h"
#include "engine/aot/library.h"
#include "engine/graph/document.h"
#include "engine/graph/load.h"
#include "engine/kinds/standard.h"

namespace yard::cli {
namespace {

constexpr const char* kExamples =
    "  switchyard graph compile flow.json -o flow.h\n"
    "  switchyard graph compile flow.json -o flow.h --namespace flow --main && c++ -std=c++20 -O2 flow_main.cc\n"
    "  switchyard graph compile flow.json --shared -o flow.so && switchyard graph run flow.json --compiled flow.so\n"
    "\n"
    "What is written needs C++20 and its standard library alone. A graph of kinds that cannot be written is refused,\n"
    "with every one of its nodes. A library is built by the compiler that $CXX names, else by c++.\n";

struct Compiling {
  std::string file;
  std::string out;
  graph::aot::GenerateOptions options;
  bool main = false;
  bool shared = false;
};

Outcome write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file.fail())
    return std::unexpected(Failure({.code = ErrorCode::kUnavailable, .message = "cannot write " + path.string()}));
  return {};
}

Outcome compile(const Compiling& what, bool as_json) {
  YARD_TRY(std::string document, graph::read_document(what.file));
  const auto image = graph::load_graph(std::move(document), graph::standard_kinds());
  if (!image) return report_problems(what.file, image.error(), as_json);
  const auto text = graph::aot::generate(**image, what.options);
  if (!text) return report_problems(what.file, text.error(), as_json);
  if (what.shared) {
    YARD_TRY_STATUS(graph::aot::build_library(*text, what.out));
    return {};
  }
  if (what.out.empty()) {
    std::cout << *text;
    return {};
  }
  if (auto written = write_file(what.out, *text); !written) return written;
  if (!what.main) return {};
  const std::filesystem::path out(what.out);
  return write_file(out.parent_path() / (out.stem().string() + "_main.cc"),
                    graph::aot::host_template(out.filename().string(), what.options.name));
}

}  // namespace

void add_graph_compile(CLI::App& graph, Context& context) {
  const auto what = std::make_shared<Compiling>();
  CLI::App* command = add_graph_command(graph, context, "compile", "Write a graph as C++", kExamples);
  command->add_option("file", what->file, "The document")->required();
  CLI::Option* out = command->add_option(
      "-o,--output", what->out, "The header, or the library, to write; a header goes to standard output by default");
  command->add_option("--namespace", what->options.name, "The namespace of all of it")->capture_default_str();
  CLI::Option* main = command->add_flag("--main", what->main, "Write a host beside it, too: OUT_main.cc")->needs(out);
  command->add_flag("--shared", what->shared, "Build a library of it instead, for graph run --compiled")
      ->needs(out)
      ->excludes(main);
  command->callback([&context, what] {
    context.action = [&context, what] {
      what->options.made_from = std::filesystem::path(what->file).filename().string();
      return compile(*what, context.json);
    };
  });
}

}  // namespace yard::cli
