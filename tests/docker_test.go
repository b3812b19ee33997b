package tests

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// service is what the tests read of a service of docker-compose.yml.
type service struct {
	Profiles   []string
	Image      string
	User       string
	Build      struct{ Target string }
	Entrypoint []string
	Command    []string
	Ports      []string
	Volumes    []struct {
		Type, Source, Target string
		ReadOnly             bool `yaml:"read_only"`
	}
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
	Deploy      struct {
		Resources struct {
			Reservations struct {
				Devices []struct {
					Driver       string
					Capabilities []string
				}
			}
		}
	}
}

func composed(t *testing.T) map[string]service {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Services map[string]service }
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Services) == 0 {
		t.Fatal("docker-compose.yml has no services")
	}
	return doc.Services
}

// stage is one FROM of the Dockerfile, with what it comes from.
type stage struct {
	from, user  string
	healthcheck bool
	entrypoint  string
}

func stages(t *testing.T) map[string]stage {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]stage{}
	name, now := "", stage{}
	for line := range strings.Lines(strings.ReplaceAll(string(raw), "\\\n", " ")) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "FROM":
			from, as, _ := strings.Cut(rest, " AS ")
			name, now = as, stage{from: from}
			if parent, ok := out[from]; ok {
				now = parent
			}
		case "USER":
			now.user = rest
		case "HEALTHCHECK":
			now.healthcheck = true
		case "ENTRYPOINT":
			now.entrypoint = rest
		}
		if name != "" {
			out[name] = now
		}
	}
	return out
}

// What the containers promise: fixed versions, no root, nothing open to a network, the checkout
// untouched.
func TestDockerServices(t *testing.T) {
	services, built := composed(t), stages(t)
	pinned := regexp.MustCompile(`^[^:@]+:[0-9][^:]*$`)
	for name, s := range built {
		if _, local := built[s.from]; !local && (!pinned.MatchString(s.from) || strings.Contains(s.from, "latest")) {
			t.Errorf("Dockerfile, %s: image %q has no fixed version", name, s.from)
		}
	}
	byProfile := map[string][]string{}
	for name, s := range services {
		for _, p := range s.Profiles {
			byProfile[p] = append(byProfile[p], strings.TrimSuffix(name, "-"+p))
		}
		from, ok := built[s.Build.Target]
		switch {
		case !ok:
			t.Errorf("%s: no stage %q in the Dockerfile", name, s.Build.Target)
		case from.user == "" || from.user == "root" || from.user == "0" || s.User != "":
			t.Errorf("%s: user %q of the image, %q of the service; want one of the image who is not root", name, from.user, s.User)
		case strings.HasPrefix(name, "lab") && !from.healthcheck:
			t.Errorf("%s: no health check", name)
		}
		if !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %q, want a fixed version", name, s.Image)
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s: port %s is open to other machines, want 127.0.0.1:", name, p)
			}
		}
		source := false
		for _, v := range s.Volumes {
			if v.Type == "bind" && v.Source == "." {
				source = v.ReadOnly
			}
		}
		if !source {
			t.Errorf("%s: the checkout is not mounted read-only", name)
		}
		if !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: its file system, capabilities or privileges are open", name)
		}
	}
	for _, list := range byProfile {
		slices.Sort(list)
	}
	want := map[string]string{"cpu": "[lab report test]", "gpu": "[lab report]", "tpu": "[lab report]"}
	for p, list := range want {
		if got := fmt.Sprint(byProfile[p]); got != list {
			t.Errorf("profile %s has %s, want %s", p, got, list)
		}
	}
	if len(byProfile) != len(want) {
		t.Errorf("profiles %v, want cpu, gpu and tpu", slices.Sorted(maps.Keys(byProfile)))
	}
	if d := services["lab-gpu"].Deploy.Resources.Reservations.Devices; len(d) != 1 || d[0].Driver != "nvidia" || !slices.Contains(d[0].Capabilities, "gpu") {
		t.Errorf("lab-gpu asks for no GPU: %+v", d)
	}
	for _, name := range []string{"lab-gpu", "report-gpu", "lab-tpu", "report-tpu"} {
		if !strings.Contains(strings.Join(services[name].Entrypoint, " "), "doctor -install xla") {
			t.Errorf("%s does not get its plugin", name)
		}
	}
}

// The commands of the services are ones that lemma knows: each is tried with -h at its end.
func TestDockerCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: builds the command")
	}
	for name, s := range composed(t) {
		if name == "test" {
			continue // make's
		}
		if r := lemma(t, append(slices.Clone(s.Command), "-h")...); r.code != 0 || !strings.Contains(r.out, "Examples") {
			t.Errorf("%s: lemma %s: exit code %d\n%s", name, strings.Join(s.Command, " "), r.code, r.err)
		}
	}
	for name, s := range stages(t) {
		if name != "test" && !strings.Contains(s.entrypoint, `exec /tmp/lemma`) {
			t.Errorf("stage %s does not run lemma: %s", name, s.entrypoint)
		}
	}
}

// Docker's own reading of the file, where its client is installed.
func TestDockerComposeConfig(t *testing.T) {
	var command []string
	for _, c := range [][]string{{"docker", "compose"}, {"docker-compose"}} {
		if exec.Command(c[0], append(c[1:], "version")...).Run() == nil {
			command = c
			break
		}
	}
	if command == nil {
		t.Skip("no docker compose on the PATH")
	}
	for _, profile := range []string{"cpu", "gpu", "tpu"} {
		cmd := exec.Command(command[0], append(command[1:], "--profile", profile, "config", "--quiet")...)
		cmd.Dir = ".."
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
		}
	}
}
