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

// defaulted is a variable of the environment with its default, which the tests take.
var defaulted = regexp.MustCompile(`\$\{\w+:-([^}]*)\}`)

func composed(t *testing.T) map[string]service {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Services map[string]service }
	if err := yaml.Unmarshal(defaulted.ReplaceAll(raw, []byte("$1")), &doc); err != nil {
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

// What the containers promise: fixed versions, no root but where TPUs want it, nothing open to a network, the checkout
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
		case from.user == "" || from.user == "root" || from.user == "0":
			t.Errorf("%s: user %q of the image; want one who is not root", name, from.user)
		case strings.HasSuffix(name, "-tpu") != (s.User == "0") || s.User != "" && s.User != "0":
			t.Errorf("%s: user %q of the service; want root on a TPU and the image's user elsewhere", name, s.User)
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
			if v.Type == "volume" && strings.HasSuffix(v.Source, "-tpu") != (s.User == "0") {
				t.Errorf("%s: volume %s, which root and another user would share", name, v.Source)
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
	raw, err := os.ReadFile(filepath.Join("..", "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), "-${LEMMA_UID:-1000}\""); n != 3 {
		t.Errorf("%d images are named by the user's number, want all 3", n)
	}
	if list := services["lab"].Ports; fmt.Sprint(list) != "[127.0.0.1:8888:8888]" || strings.Count(string(raw), "${LEMMA_PORT:-8888}") != 4 {
		t.Errorf("ports %v, want that of LEMMA_PORT on both sides, and Jupyter's", list)
	}
}

// The entry of a service with a plugin installs it until it is all there, whatever else is, and
// starts without it where that cannot be.
func TestDockerInstallsPlugins(t *testing.T) {
	services := composed(t)
	for name, plugin := range map[string]string{"lab-gpu": "cuda", "report-gpu": "cuda", "lab-tpu": "tpu", "report-tpu": "tpu"} {
		entry := services[name].Entrypoint
		if len(entry) != 4 || entry[1] != "-c" {
			t.Errorf("%s: entry %q, want a script of sh", name, entry)
			continue
		}
		home, bin := t.TempDir(), t.TempDir()
		plugins := filepath.Join(home, ".local", "lib", "go-xla")
		if err := os.MkdirAll(plugins, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(plugins, "pjrt_c_api_cpu_plugin.so"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		log := filepath.Join(bin, "log")
		write := func(path, script string) {
			t.Helper()
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		write(filepath.Join(bin, "go"), "exit 0\n")
		script := strings.NewReplacer("$$", "$", "/home/lemma", home, "/tmp/lemma", filepath.Join(bin, "lemma")).Replace(entry[2])
		for _, c := range []struct {
			reason, install string
			want            string
		}{
			{"it cannot be installed: started all the same", "1", "doctor -install " + plugin + " -timeout 60m\nlab -v\n"},
			{"another plugin is there, and half of this one", "0", "doctor -install " + plugin + " -timeout 60m\nlab -v\n"},
			{"installed", "1", "lab -v\n"},
		} {
			write(filepath.Join(bin, "lemma"), "echo \"$@\" >> "+log+"\ncase $1 in doctor) exit "+c.install+";; esac\n")
			os.Remove(log)
			cmd := exec.Command("/bin/sh", "-c", script, entry[3], "lab", "-v")
			cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
			out, err := cmd.CombinedOutput()
			got, _ := os.ReadFile(log)
			if err != nil || string(got) != c.want {
				t.Errorf("%s, %s: ran %q, want %q; %v\n%s", name, c.reason, got, c.want, err, out)
			}
			if said := strings.Contains(string(out), "not installed"); said != (c.install == "1" && strings.Contains(c.want, "doctor")) {
				t.Errorf("%s, %s: said %q", name, c.reason, out)
			}
		}
	}
}

// The Dockerfile refuses to make root, or nobody, the user of the images.
func TestDockerRefusesRoot(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	check := regexp.MustCompile(`(?m)^RUN (case "\$UID" in .*)$`).FindSubmatch(raw)
	if check == nil {
		t.Fatal("no check of UID")
	}
	for uid, want := range map[string]bool{"1000": true, "501": true, "0": false, "00": false, "": false, "me": false} {
		cmd := exec.Command("/bin/sh", "-c", string(check[1]))
		cmd.Env = []string{"UID=" + uid}
		if out, err := cmd.CombinedOutput(); (err == nil) != want || !want && !strings.Contains(string(out), "not root") {
			t.Errorf("UID %q: %v, %s", uid, err, out)
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
